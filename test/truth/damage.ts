/** Does damage to the files of a small image. */
import { directory, type Files, linkTo } from "./kit.ts";
import type { CaseConfig } from "./case.ts";

export type Content = Files[string];

/** The whole image, and what each kind of start stands on. */
export interface Subject {
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  /** What the starts stand on besides: files of Debian's, by their paths. */
  readonly system: Readonly<Record<string, Uint8Array>>;
  readonly starts: readonly Start[];
  /** What takes a library's place. */
  readonly foreign: readonly Uint8Array[];
}

interface Start {
  readonly config: CaseConfig;
  readonly files?: Files;
  /** Its own files, and the system's, which are damaged half as often. */
  readonly own: readonly string[];
  readonly system: readonly string[];
}

/** One change, as it is printed when a verdict is wrong. */
export type Change =
  | { readonly do: "delete"; readonly file: number }
  | { readonly do: "replace"; readonly file: number; readonly by: Replacement }
  | { readonly do: "rename"; readonly file: number; readonly suffix: string }
  | { readonly do: "cut"; readonly file: number; readonly at: number }
  | {
      readonly do: "flip";
      readonly file: number;
      readonly part: Part;
      readonly at: number;
      readonly bit: number;
    }
  | { readonly do: "mode"; readonly file: number; readonly mode: number }
  | { readonly do: "environment"; readonly variable: string }
  | { readonly do: "user" }
  | { readonly do: "directory"; readonly path: string };

export type Replacement =
  | "nothing"
  | "text"
  | "directory"
  | "dangling"
  | "loop"
  | "same class"
  | "other class"
  | "another";
export type Part = "header" | "segments" | "dynamic";

/** Does one change to the upper layer: a file there hides the lower one, a whiteout takes it away. */
export function damage(
  upper: Map<string, Content>,
  one: Change,
  { subject, start }: { readonly subject: Subject; readonly start: Start },
): void {
  if (one.do === "environment" || one.do === "user" || one.do === "directory") return;
  const all = [...start.own, ...start.own, ...start.system];
  const name = all[one.file % all.length] ?? "";
  const whiteout = name.replace(/[^/]+$/, ".wh.$&");
  const whole = subject.files[name] ?? subject.system[name];
  const bytes = upper.has(whiteout) ? undefined : bytesOf(upper.get(name) ?? whole);
  if (one.do === "delete" || (one.do === "rename" && bytes !== undefined)) {
    upper.delete(name);
    upper.set(whiteout, "");
    if (one.do === "rename" && bytes !== undefined) upper.set(`${name}${one.suffix}`, bytes);
    return;
  }
  const content = changed(one, bytes, subject);
  if (content === undefined) return;
  upper.delete(whiteout);
  upper.set(name, content);
}

/** What stands in the file's place; nothing where the file was taken away before. */
function changed(
  one: Exclude<Change, { readonly do: "environment" | "user" | "directory" }>,
  bytes: Uint8Array | undefined,
  subject: Subject,
): Content | undefined {
  if (one.do === "replace") return replacement(one.by, subject);
  if (bytes === undefined) return undefined;
  switch (one.do) {
    case "cut":
      return bytes.subarray(0, Math.floor(one.at * judgeable(bytes)));
    case "flip":
      return flipped(bytes, one);
    case "mode":
      return { content: bytes, mode: one.mode };
    case "delete":
    case "rename":
      return undefined;
  }
}

function bytesOf(content: Content | undefined): Uint8Array | undefined {
  if (content === undefined || content instanceof Uint8Array) return content;
  if (typeof content === "string") return Buffer.from(content);
  const { content: inner } = content;
  return inner === undefined ? undefined : bytesOf(inner);
}

function replacement(by: Replacement, { foreign, files }: Subject): Content {
  switch (by) {
    case "nothing":
      return "";
    case "text":
      return "nothing that anybody could load\n".repeat(40);
    case "directory":
      return directory;
    case "dangling":
      return linkTo("nowhere");
    case "loop":
      return linkTo("../srv/../srv/loop");
    case "same class":
      return foreign[0] ?? "";
    case "other class":
      return foreign[1] ?? "";
    case "another":
      return files["srv/lib/libinner.so.1"] ?? "";
  }
}

function flipped(
  bytes: Uint8Array,
  { part, at, bit }: { readonly part: Part; readonly at: number; readonly bit: number },
): Uint8Array {
  const places = placesOf(bytes, part);
  const offset = places[Math.floor(at * places.length)] ?? 0;
  const copy = Uint8Array.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ (1 << bit);
  return copy;
}

/** `DT_INIT`, `DT_FINI`: where code begins. */
const entries: ReadonlySet<number> = new Set([12, 13]);

/**
 * The bytes of that part of a 64-bit little-endian ELF file that say how it is loaded. Where code begins is left out (the entry
 * point, and what runs first and last): of two addresses in the code nobody can say from outside which is the right one. A script
 * has its first line.
 */
function placesOf(bytes: Uint8Array, part: Part): readonly number[] {
  if (bytes[0] !== 0x7f || bytes.length < 64) return range(0, judgeable(bytes));
  if (part === "header") return [...range(0, 24), ...range(32, 64)];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [at, count] = [Number(view.getBigUint64(32, true)), view.getUint16(56, true)];
  const headers = range(0, count)
    .map((n) => at + n * 56)
    .filter((one) => one + 56 <= bytes.length);
  if (part === "segments") return headers.flatMap((one) => range(one, one + 56));
  const dynamic = headers.find((one) => view.getUint32(one, true) === 2);
  if (dynamic === undefined) return range(0, 24);
  const from = Number(view.getBigUint64(dynamic + 8, true));
  const end = Math.min(bytes.length, from + Number(view.getBigUint64(dynamic + 32, true)));
  return range(0, Math.floor((end - from) / 16)).flatMap((n) => {
    const start = from + n * 16;
    const isEntry = entries.has(Number(view.getBigUint64(start, true)));
    return range(start, start + (isEntry ? 8 : 16));
  });
}

/** How many bytes of a file say how it is started: of a script only its first line, the rest is for its interpreter. */
function judgeable(bytes: Uint8Array): number {
  return bytes[0] === 0x7f ? bytes.length : Math.min(bytes.length, "#!/bin/sh".length);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);
}
