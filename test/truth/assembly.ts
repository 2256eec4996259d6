/**
 * Small programs and libraries for the cases, assembled and linked for each machine. They speak to the kernel themselves and
 * load only what a case asks for, so that each shows one thing. Tools: the binutils of that machine.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Site } from "../../provision/site.ts";
import { type Dialect, dialects } from "./dialect.ts";
import type { Machine } from "./machine.ts";

/** What a program prints when all that it calls has returned. */
export const ready = "ready";

/** A library that is needed by that name, with the functions that are bound to it. */
export interface Needed {
  readonly soname: string;
  readonly gives?: readonly string[];
  /** The version that is asked for. */
  readonly version?: string;
}

interface Linked {
  /** DT_NEEDED, in that order. What no other one gives is bound to the first. */
  readonly needed?: readonly (string | Needed)[];
  readonly rpath?: string;
  readonly runpath?: string;
  /** Further flags of `ld`. */
  readonly flags?: readonly string[];
  /** Functions that are called, in that order. */
  readonly calls?: readonly string[];
  /** A variable of another object whose address is kept: bound as soon as the object is loaded. */
  readonly uses?: string;
  readonly says?: string;
}

export interface ProgramSpec extends Linked {
  /** PT_INTERP. A static program when absent. */
  readonly interpreter?: string;
  /** Functions that are called after it has spoken. */
  readonly callsLate?: readonly string[];
}

export interface LibrarySpec extends Linked {
  readonly soname?: string;
  /** Functions that it defines. Each does the calls, then returns. */
  readonly defines?: readonly string[];
  readonly variables?: readonly string[];
  /** It keeps an address of its own, which the loader must correct by a kind of relocation that only this machine knows. */
  readonly relocates?: boolean;
  /** The version of all that it defines. */
  readonly version?: string;
}

export interface Linker {
  readonly program: (spec: ProgramSpec) => Promise<Uint8Array>;
  readonly library: (spec: LibrarySpec) => Promise<Uint8Array>;
}

/** A linker for one machine. What it made once it keeps in `cache`. */
export function createLinker(site: Site, machine: Machine, cache: string): Linker {
  const dialect = dialects[machine.debian];
  return {
    async program(spec) {
      const { interpreter } = spec;
      const kind =
        interpreter === undefined ? ["-static"] : ["-pie", "-dynamic-linker", interpreter];
      return await make(site, { machine, cache }, programSource(dialect, spec), {
        flags: [...kind, ...flagsOf(spec)],
        stubs: stubsOf(spec, dialect),
      });
    },
    async library(spec) {
      const named = spec.soname === undefined ? [] : ["-soname", spec.soname];
      return await make(site, { machine, cache }, librarySource(dialect, spec), {
        flags: ["-shared", ...named, ...flagsOf(spec)],
        stubs: stubsOf(spec, dialect),
        ...(spec.version === undefined ? {} : { version: spec.version }),
      });
    },
  };
}

/** What is linked beside the source. */
interface Link {
  readonly flags: readonly string[];
  /** Libraries that stand in for those that are needed, while it is linked. */
  readonly stubs: readonly Stub[];
  readonly version?: string;
}

interface Stub {
  readonly soname: string;
  readonly source: string;
  readonly version?: string;
}

interface Place {
  readonly machine: Machine;
  readonly cache: string;
}

async function make(site: Site, place: Place, source: string, link: Link): Promise<Uint8Array> {
  const { tools, as, ld } = place.machine;
  const recipe = JSON.stringify([tools, as, ld, source, link]);
  const key = createHash("sha256").update(recipe).digest("hex").slice(0, 24);
  const made = path.join(place.cache, key);
  const known = await readFile(made).catch(() => undefined);
  if (known !== undefined) return known;
  const directory = `${made}.${process.pid}`;
  await mkdir(directory, { recursive: true });
  try {
    const stubs: string[] = [];
    for (const [n, { soname, ...stub }] of link.stubs.entries()) {
      const flags = ["-shared", "-soname", soname];
      stubs.push(await linked(site, place, path.join(directory, `stub${n}`), { ...stub, flags }));
    }
    const flags = [...link.flags, "--no-as-needed", ...stubs];
    const { version } = link;
    const whole = { source, flags, ...(version === undefined ? {} : { version }) };
    await rename(await linked(site, place, path.join(directory, "whole"), whole), made);
  } finally {
    await rm(directory, { recursive: true });
  }
  return await readFile(made);
}

async function linked(
  site: Site,
  { machine }: Place,
  file: string,
  what: { readonly source: string; readonly flags: readonly string[]; readonly version?: string },
): Promise<string> {
  const { source, flags, version } = what;
  await writeFile(`${file}.s`, source);
  await site.run([`${machine.tools}as`, ...machine.as, "-o", `${file}.o`, `${file}.s`]);
  const script = version === undefined ? [] : [`--version-script=${file}.map`];
  if (version !== undefined) await writeFile(`${file}.map`, `${version} { global: *; };\n`);
  // A need that a case leaves open is the loader's business.
  const open = ["--hash-style=both", "--unresolved-symbols=ignore-in-shared-libs"];
  const common = [...machine.ld, ...open, ...script, "-o", file, `${file}.o`];
  await site.run([`${machine.tools}ld`, ...common, ...flags]);
  return file;
}

function flagsOf({ rpath, runpath, flags = [] }: Linked): readonly string[] {
  return [
    ...(rpath === undefined ? [] : ["--disable-new-dtags", "-rpath", rpath]),
    ...(runpath === undefined ? [] : ["--enable-new-dtags", "-rpath", runpath]),
    ...flags,
  ];
}

function stubsOf(spec: ProgramSpec | LibrarySpec, dialect: Dialect): readonly Stub[] {
  const needed = (spec.needed ?? []).map((one) =>
    typeof one === "string" ? { soname: one } : one,
  );
  const late = "callsLate" in spec ? (spec.callsLate ?? []) : [];
  const given = new Set(needed.flatMap(({ gives = [] }) => gives));
  const rest = [...new Set([...(spec.calls ?? []), ...late])].filter((name) => !given.has(name));
  const stubs: Stub[] = [];
  for (const [n, { soname, gives = [], version }] of needed.entries()) {
    const defines = n === 0 ? gives.concat(rest) : gives;
    const variables = n === 0 && spec.uses !== undefined ? [spec.uses] : [];
    const source = librarySource(dialect, { defines, variables });
    stubs.push({ soname, source, ...(version === undefined ? {} : { version }) });
  }
  return stubs;
}

function programSource(dialect: Dialect, spec: ProgramSpec): string {
  const { calls = [], callsLate = [], says = ready, uses } = spec;
  const message = `${says}\n`;
  return [
    dialect.head,
    ".text\n.globl _start\n_start:",
    dialect.begin,
    ...calls.map((name) => dialect.call(name)),
    dialect.print("message", message.length),
    ...callsLate.map((name) => dialect.call(name)),
    dialect.exit,
    text("message", message),
    ...kept(dialect, uses),
    tail,
  ].join("\n");
}

function librarySource(dialect: Dialect, spec: LibrarySpec): string {
  const { defines = [], variables = [], calls = [], says, uses, relocates = false } = spec;
  const message = says === undefined ? undefined : `${says}\n`;
  const functions = defines.map((name) => {
    const speaks = message === undefined ? [] : [dialect.print("message", message.length)];
    const body = speaks.concat(calls.map((one) => dialect.call(one)));
    const label = `.globl ${name}\n.type ${name}, %function\n${name}:`;
    return [label, dialect.enter, body.join("\n"), dialect.leave].join("\n");
  });
  return [
    dialect.head,
    ".text",
    ...functions,
    ...(message === undefined ? [] : [text("message", message)]),
    ".data\n.balign 8",
    ...variables.map(
      (name) => `.globl ${name}\n.type ${name}, %object\n.size ${name}, 8\n${name}: .zero 8`,
    ),
    ...kept(dialect, uses ?? (relocates ? "kept" : undefined)),
    tail,
  ].join("\n");
}

/** The address of another object's variable, in our data. */
function kept(dialect: Dialect, name: string | undefined): readonly string[] {
  return name === undefined ? [] : [`.data\n.balign 8\nkept: ${dialect.word} ${name}`];
}

function text(label: string, words: string): string {
  return `.balign 4\n${label}: .ascii ${JSON.stringify(words)}\n.balign 4`;
}

/** Without it the stack would be executable. */
const tail = '.section .note.GNU-stack,"",%progbits\n';
