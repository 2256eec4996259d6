/** Native programs and libraries in zip archives: jars, wars, wheels (PKWARE, "APPNOTE.TXT"; Java's and Python's loaders unpack them before they load them). */
import { inflateRawSync } from "node:zlib";
import {
  type ArchiveDirectory,
  dataOffsetOf,
  readDirectory,
  type ZipEntry,
} from "./zip-directory.ts";

/** A member whose name or first bytes may be native. */
interface ZipMember {
  /** Its path in the archive, an inner archive's after `!/`. */
  readonly path: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** Its first bytes: {@link memberHeadBytes} or all, or fewer where they are packed tightly. */
  readonly head: Uint8Array;
}

export interface ZipReading {
  readonly members: readonly ZipMember[];
  /** What was left out, and why. */
  readonly unread?: string;
}

/** As many first bytes of a member as are read. */
const memberHeadBytes = 4096;

/** Names that loaders look for: JNI, Node and Python extension modules, programs, and the other systems' libraries. */
const nativeName = /\.(?:so(?:\.[0-9.]+)?|node|pyd|dll|dylib|jnilib|exe)$/i;
const archiveName = /\.(?:jar|war|ear|whl|zip|egg|aar)$/i;
const metadata = /(?:^|\/)(?:META-INF|[^/]*\.dist-info|EGG-INFO)\//;

/** What one archive may cost: members that are looked into, bytes that they are unpacked to, inner archives' bytes. */
const limits = {
  members: 4096,
  unpackedBytes: 48 * 1024 * 1024,
  innerBytes: 24 * 1024 * 1024,
} as const;

/** How much of a packed member is given to the inflater: it makes at most a thousand times as much of it. */
const packedHeadBytes = 2048;
const mostInflation = 1032;

interface Budget {
  members: number;
  unpackedBytes: number;
  unread?: string;
}

/** Reads an archive that is at hand whole, and archives in it one level deep. */
export function readZip(bytes: Uint8Array): ZipReading {
  const budget: Budget = { members: limits.members, unpackedBytes: limits.unpackedBytes };
  const members = [...membersOf(bytes, "", budget, true)];
  return { members, ...(budget.unread === undefined ? {} : { unread: budget.unread }) };
}

function* membersOf(
  bytes: Uint8Array,
  prefix: string,
  budget: Budget,
  hasInner: boolean,
): Generator<ZipMember> {
  const directory = readDirectory(bytes);
  if (typeof directory === "string") {
    leave(budget, prefix === "" ? directory : `${prefix}: ${directory}`);
    return;
  }
  if (directory.isCut) leave(budget, "it has more members than are read");
  for (const entry of nativeCandidates(directory)) {
    if ((budget.members -= 1) < 0) return leave(budget, "it has more native members than are read");
    const head = memberBytes(bytes, entry, memberHeadBytes, budget);
    if (head !== undefined) yield { path: `${prefix}${entry.name}`, size: entry.size, head };
  }
  if (!hasInner) return;
  for (const entry of directory.entries) {
    if (!archiveName.test(entry.name)) continue;
    if (entry.size > limits.innerBytes) {
      leave(budget, `${entry.name} in it is too large to be unpacked`);
      continue;
    }
    const inner = memberBytes(bytes, entry, limits.innerBytes, budget);
    if (inner !== undefined) yield* membersOf(inner, `${entry.name}!/`, budget, false);
  }
}

/** Members that are native by their names, and those whose names say nothing. */
function nativeCandidates({ entries }: ArchiveDirectory): readonly ZipEntry[] {
  return entries.filter(({ name, size }) => {
    if (size < 4 || name.endsWith("/")) return false;
    if (nativeName.test(name)) return true;
    const base = name.slice(name.lastIndexOf("/") + 1);
    return !base.includes(".") && !metadata.test(name);
  });
}

/** A member's first bytes; `undefined` where it cannot be read. */
function memberBytes(
  bytes: Uint8Array,
  entry: ZipEntry,
  most: number,
  budget: Budget,
): Uint8Array | undefined {
  const { method, packedSize, size, name } = entry;
  const start = dataOffsetOf(bytes, entry);
  if (start === undefined || start + packedSize > bytes.byteLength) {
    leave(budget, `${name} in it is damaged`);
    return undefined;
  }
  const packed = bytes.subarray(start, start + packedSize);
  if (method === methods.stored) return packed.subarray(0, Math.min(most, size));
  if (method !== methods.deflated) {
    leave(budget, `${name} in it is packed in a way of its own (${method})`);
    return undefined;
  }
  if (budget.unpackedBytes <= 0) {
    leave(budget, "it unpacks to more than is read");
    return undefined;
  }
  return inflate(packed, Math.min(most, size), budget);
}

const methods = { stored: 0, deflated: 8 } as const;

/** Unpacks at most so many bytes, or as many as a little of the packed bytes gives. */
function inflate(packed: Uint8Array, most: number, budget: Budget): Uint8Array | undefined {
  const isHead = most <= memberHeadBytes;
  const input = isHead ? packed.subarray(0, packedHeadBytes) : packed;
  const maxOutputLength = Math.min(
    isHead ? packedHeadBytes * mostInflation : most,
    budget.unpackedBytes + memberHeadBytes,
  );
  try {
    const output = inflateRawSync(input, {
      maxOutputLength,
      chunkSize: isHead ? 4 * memberHeadBytes : 256 * 1024,
      // What is cut off is no error.
      finishFlush: zlibSyncFlush,
    });
    budget.unpackedBytes -= output.byteLength;
    return output.subarray(0, most);
  } catch {
    // A member that is damaged, or unpacks to more than it says.
    budget.unpackedBytes -= maxOutputLength;
    leave(budget, "a member of it is damaged");
    return undefined;
  }
}

/** `Z_SYNC_FLUSH`. */
const zlibSyncFlush = 2;

/** The first reason is the one that is told. */
function leave(budget: Budget, why: string): void {
  budget.unread ??= why;
}
