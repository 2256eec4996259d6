/** What a server says of itself and of its engine, asked in one script. */
import * as z from "zod";
import { type EngineFacts, readEngineInfo } from "../engine/facts.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { quote } from "../process/command.ts";
import { architectureNames } from "../platform/machine.ts";
import { architectures, type Architecture } from "../platform/platform.ts";
import { type DockerAccess, searchPath } from "./docker-access.ts";
import { readSections, section } from "./sections.ts";
import { x86LevelOf } from "./x86-level.ts";

export interface ServerFacts {
  readonly access: DockerAccess;
  readonly engine: EngineFacts;
  /** A rootless engine may have a network namespace of its own. */
  readonly isRootless: boolean;
  /** What `uname -m` prints. */
  readonly machine: string;
  /** x86-64-v1 to v4; `undefined` for other processors, and where the system does not say. */
  readonly x86Level: 1 | 2 | 3 | 4 | undefined;
  /** Architectures whose programs an emulator of the kernel runs. */
  readonly emulated: readonly Architecture[];
  /** Milliseconds since 1970, as the server's clock stood when it was asked; `undefined` where it does not say. */
  readonly clockMs: number | undefined;
  /** Bytes that the engine may still write; `undefined` where its directory is not the server's own. */
  readonly freeBytes: number | undefined;
  readonly images: readonly ServerImage[];
  /** Ports on which somebody listens who is reached through the loopback; `undefined` where the system does not say. */
  readonly listening: readonly number[] | undefined;
}

/** An image in the server's engine. */
export interface ServerImage {
  /** On the classic image store the config's digest, on containerd's that of the manifest or index. */
  readonly id: Digest;
  /** `app:1`, `127.0.0.1:40123/transship/…:latest`. */
  readonly names: readonly string[];
  /** `app@sha256:…`: by which digests it was pulled. */
  readonly digests: readonly string[];
  /** DiffIDs, the lowest first. */
  readonly layers: readonly Digest[];
}

const imageFormat =
  '{"id":{{json .Id}},"names":{{json .RepoTags}},"digests":{{json .RepoDigests}},"layers":{{json .RootFS.Layers}}}';

/** As `docker image ls` tells of an image: once for each name, and without its layers. */
const listFormat =
  '{"id":{{json .ID}},"names":["{{.Repository}}:{{.Tag}}"],"digests":["{{.Repository}}@{{.Digest}}"]}';

/** Which images are asked about, where not all are. */
export interface ImageChoice {
  /** The one whose layers are of interest; where it is not there, the layers of others are, which may be its own. */
  readonly name: string;
  /** Further ones, as docker's filter `reference` has them: their names are of interest. */
  readonly patterns: readonly string[];
}

/** The names are asked for meanwhile: they come first, the layers of each image after them. */
function imageLines(access: DockerAccess, choice: ImageChoice | undefined): string {
  const list = `${access} image ls --no-trunc --quiet`;
  const inspect = `${access} image inspect --format '${imageFormat}'`;
  if (choice === undefined) {
    return `ids=$(${list} 2>/dev/null | sort -u)
test -z "$ids" || ${inspect} $ids 2>/dev/null`;
  }
  const filters = choice.patterns
    .map((pattern) => `--filter ${quote(`reference=${pattern}`)}`)
    .join(" ");
  return `{ ${inspect} ${quote(choice.name)} 2>/dev/null || {
ids=$(${list} ${filters} 2>/dev/null | head -n ${mostKin} | sort -u)
test -n "$ids" || ids=$(${list} 2>/dev/null | head -n ${mostOthers} | sort -u)
test -z "$ids" || ${inspect} $ids 2>/dev/null
}; } | {
${access} image ls --digests --no-trunc ${filters} --format '${listFormat}' 2>/dev/null
cat
}`;
}

/** Names whose images are looked into where the one of interest is not there: of the patterns, and of all images where those have none. */
const [mostKin, mostOthers] = [8, 40];

/**
 * The script. Docker takes long to tell of itself (`docker info` looks for its plugins), so the rest is asked meanwhile, and what it
 * says comes last. The images come first: if there are more than a shell's output may hold, they are what is lost.
 */
export function factsScript(access: DockerAccess, choice?: ImageChoice): string {
  return `${searchPath}
{ ${access} info --format '{{json .}}{{println}}root {{.DockerRootDir}}' 2>&1; echo "exit $?"; } | {
${section("images")}
${imageLines(access, choice)}
${section("uname")}; uname -m
${section("clock")}; date +%s
${section("flags")}; grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null
${section("emulators")}; grep -l '^enabled' /proc/sys/fs/binfmt_misc/qemu-* /proc/sys/fs/binfmt_misc/rosetta 2>/dev/null
${section("listening")}; cat /proc/net/tcp 2>/dev/null
info=$(cat)
root=$(printf '%s\\n' "$info" | sed -n 's,^root /,/,p')
${section("disk")}; test -z "$root" || df -Pk "$root" 2>/dev/null
${section("info")}; printf '%s\\n' "$info"
}`;
}

/** What a server says first, while its engine still thinks about the rest. */
export type FirstFacts = Pick<ServerFacts, "images" | "machine">;

/** Reads what was printed so far; `undefined` where that is not all of it. */
export function readFirstFacts(output: string): FirstFacts | undefined {
  const { images, uname, clock } = readSections(output);
  if (clock === undefined) return undefined;
  return { images: merged(linesOf(images).flatMap(readImage)), machine: (uname ?? "").trim() };
}

/** What docker says of itself in the script's output: its document, and else the words that it says when it cannot. */
export function readInfo(output: string): {
  readonly json: string;
  readonly words: string;
  readonly exitCode?: number;
} {
  const lines = (readSections(output)["info"] ?? "").split("\n");
  // A word of warning may come before it, of a configuration that cannot be read.
  const json = lines.find((line) => line.startsWith("{")) ?? "";
  const code = lines.map((line) => /^exit (\d+)$/.exec(line)?.[1]).find((one) => one !== undefined);
  const words = lines.filter((line) => line !== json && !/^(?:exit \d+|root .*|\s*)$/.test(line));
  return {
    json,
    words: words.join("\n"),
    ...(code === undefined ? {} : { exitCode: Number(code) }),
  };
}

/** What the script printed, where docker's document is there. @throws ENGINE_UNREACHABLE and its kin */
export function readFacts(output: string, access: DockerAccess): ServerFacts {
  const { uname, clock, flags, emulators, listening, images, disk } = readSections(output);
  const { json } = readInfo(output);
  const engine = readEngineInfo(json);
  return {
    access,
    engine,
    isRootless: readSecurity(json).some((option) => option.startsWith("name=rootless")),
    machine: (uname ?? "").trim(),
    x86Level: x86LevelOf(flags ?? ""),
    emulated: emulatedIn(emulators ?? ""),
    clockMs: /^\d+\s*$/.test(clock ?? "") ? Number(clock) * 1000 : undefined,
    freeBytes: freeIn(disk ?? ""),
    images: merged(linesOf(images).flatMap(readImage)),
    listening: listenersIn(linesOf(listening)),
  };
}

const security = z.object({
  SecurityOptions: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
});

function readSecurity(json: string): readonly string[] {
  return security.parse(JSON.parse(json)).SecurityOptions;
}

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const image = z.object({
  id: z.string().refine(isDigest),
  names: texts,
  digests: texts,
  layers: z
    .array(z.string().refine(isDigest))
    .nullish()
    .transform((list) => list ?? []),
});

/** What is no such line is docker's word about an image that was removed meanwhile, or of an image of another kind. */
function readImage(line: string): readonly ServerImage[] {
  const read = image.safeParse(parseJson(line));
  if (!read.success) return [];
  const { names, digests } = read.data;
  return [{ ...read.data, names: names.filter(isWhole), digests: digests.filter(isWhole) }];
}

/** Of what an image lacks docker says `<none>`. */
function isWhole(name: string): boolean {
  return !name.includes("<none>");
}

/** Of each image one, with all names that were told of it. */
function merged(images: readonly ServerImage[]): readonly ServerImage[] {
  const byId = new Map<Digest, ServerImage>();
  for (const one of images) {
    const other = byId.get(one.id) ?? { names: [], digests: [], layers: [] };
    byId.set(one.id, {
      id: one.id,
      names: [...new Set([...other.names, ...one.names])],
      digests: [...new Set([...other.digests, ...one.digests])],
      layers: other.layers.length > 0 ? other.layers : one.layers,
    });
  }
  return [...byId.values()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function emulatedIn(files: string): readonly Architecture[] {
  const names = new Set(files.split("\n").map((file) => file.slice(file.lastIndexOf("/") + 1)));
  return architectures.filter((architecture) => {
    const { emulator } = architectureNames({ architecture });
    return names.has(`qemu-${emulator}`) || (architecture === "amd64" && names.has("rosetta"));
  });
}

/**
 * The last line of `df -Pk` (POSIX.1-2017): a name, then in blocks of 1024 bytes what there is, what is used and what is available, the
 * part that is used and the mount point. Names may have spaces in them.
 */
function freeIn(table: string): number | undefined {
  const [, line = ""] = table.trim().split("\n");
  const [, available] = /\s\d+\s+\d+\s+(-?\d+)\s+(?:\d+%|-)\s/.exec(line) ?? [];
  // What only root may still write is less than nothing on some systems.
  return available === undefined ? undefined : Math.max(0, Number(available)) * 1024;
}

/** `undefined` where there is not even the table's head. */
function listenersIn(lines: readonly string[]): readonly number[] | undefined {
  return lines.length === 0 ? undefined : lines.flatMap(listenerOf);
}

/**
 * A line of `/proc/net/tcp` (proc(5)): address and port in hexadecimal, the address as it stands in the machine's memory; the state 0A
 * is LISTEN. Where sshd has `GatewayPorts yes` a forwarded port listens on all addresses.
 */
function listenerOf(line: string): readonly number[] {
  const [, port] =
    /^\s*\d+: (?:0100007F|7F000001|00000000):([0-9A-F]{4}) [0-9A-F:]+ 0A /.exec(line) ?? [];
  return port === undefined ? [] : [Number.parseInt(port, 16)];
}

function linesOf(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
