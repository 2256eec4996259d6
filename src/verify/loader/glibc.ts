/** glibc's loader: a program's libraries breadth first, their versions, the processor (glibc, `elf/rtld.c`, `elf/dl-deps.c`). */
import path from "node:path";
import type { Container } from "../container.ts";
import { formatCpuLevel } from "../cpu.ts";
import { isCutShort } from "../start/execute.ts";
import { busError, type Dynamic } from "../start/outcome.ts";
import type { Located } from "../start/search.ts";
import { tryFile } from "./candidate.ts";
import { glibcBuild } from "./flavour.ts";
import { type Found, searchLibrary, type SearchContext } from "./glibc-search.ts";
import { versionProblems } from "./glibc-versions.ts";
import {
  type Load,
  type LoadedObject,
  loaderObject,
  type LoadProblem,
  programObject,
} from "./load.ts";
import { isSecureExecution } from "./secure.ts";
import { expandTokens } from "./tokens.ts";

export interface GlibcOptions {
  readonly container: Container;
  /** What cache and default directories gave for a name, kept between programs of one image. */
  readonly shared: Map<string, Found>;
  /** Told each step of the walk. */
  readonly trace?: (line: string) => void;
}

/** More objects than any program has. */
const mostObjects = 2_000;

/** Loads a program that the kernel started with glibc's loader. */
export function loadWithGlibc(running: Dynamic, options: GlibcOptions): Load {
  const state = stateOf(running, options);
  loadProgram(state);
  const { objects } = state;
  if (objects.length > mostObjects) return tooMany(state);
  const problems =
    state.problems.length > 0
      ? state.problems
      : [...versionProblems(objects, state.byName), ...cpuProblems(state)];
  return { loader: "glibc", objects, problems, unproven: [] };
}

/** Opens a module in a program that runs, as dlopen(3) does, and says what that adds. */
export function openWithGlibc(running: Dynamic, module: string, options: GlibcOptions): Load {
  const state = stateOf(running, options);
  loadProgram(state);
  const program = state.objects.length;
  const found = find(state, module, state.context.program);
  if ("problem" in found)
    return { loader: "glibc", objects: [], problems: [found.problem], unproven: [] };
  add(state, found.object, module);
  loadFrom(state, program);
  const objects = state.objects.slice(program);
  const problems =
    state.problems.length > 0 ? state.problems : versionProblems(objects, state.byName);
  return { loader: "glibc", objects, problems, unproven: [] };
}

function stateOf(running: Dynamic, { container, shared, trace = () => {} }: GlibcOptions): State {
  const program = programObject(running);
  const loader = loaderObject(running);
  const context: SearchContext = {
    container,
    abi: running.elf,
    build: glibcBuild(loader, container.platform.architecture),
    program,
    isSecure: isSecureExecution(container, running.located.node.entry),
    shared,
    trace,
  };
  return {
    context,
    loader,
    objects: [program],
    // The program itself has no name, and so is what has none.
    byName: new Map([["", program], ...namesOf(loader).map((name) => [name, loader] as const)]),
    byPath: new Map([[loader.path, loader]]),
    problems: [],
  };
}

function loadProgram(state: State): void {
  preload(state);
  loadFrom(state, 0);
}

/** Loads what each object needs, from that one on: those that it adds come last. */
function loadFrom(state: State, first: number): void {
  for (let at = first; at < state.objects.length && state.problems.length === 0; at += 1) {
    const object = state.objects[at];
    if (object !== undefined) loadNeeded(state, object);
    if (state.objects.length > mostObjects) return;
  }
}

function tooMany({ objects, context }: State): Load {
  const unproven = [`${context.program.name} loads more than ${mostObjects} libraries.`];
  return { loader: "glibc", objects, problems: [], unproven };
}

interface State {
  readonly context: SearchContext;
  readonly loader: LoadedObject;
  /** In the order of the search for symbols. */
  readonly objects: LoadedObject[];
  /** By the names that were asked for, sonames and paths. */
  readonly byName: Map<string, LoadedObject>;
  readonly byPath: Map<string, LoadedObject>;
  readonly problems: LoadProblem[];
}

function namesOf({ name, elf }: LoadedObject): readonly string[] {
  const { soname } = elf.dynamic ?? {};
  return soname === undefined ? [name] : [name, soname];
}

/** What cannot be preloaded is told and passed over. */
function preload(state: State): void {
  const { container, program, isSecure } = state.context;
  const fromEnvironment = isSecure ? "" : (container.environment.get("LD_PRELOAD") ?? "");
  const file = container.tree.lookup("/etc/ld.so.preload");
  const content = file.outcome === "found" ? file.node.entry.content : undefined;
  const fromFile = content?.kind === "text" ? content.text.replaceAll(/#.*$/gm, "") : "";
  const names = [...fromEnvironment.split(/[ :]+/), ...fromFile.split(/[ \t\n:]+/)];
  for (const name of names) {
    if (name === "") continue;
    const found = find(state, name, program);
    if ("object" in found && !state.objects.includes(found.object)) add(state, found.object, name);
  }
}

function loadNeeded(state: State, object: LoadedObject): void {
  const { needed = [], filters = [], auxiliaries = [] } = object.elf.dynamic ?? {};
  for (const wanted of auxiliaries) {
    const found = state.byName.get(wanted) ?? find(state, wanted, object);
    if ("object" in found) add(state, found.object, wanted);
  }
  for (const wanted of [...filters, ...needed]) {
    const known = state.byName.get(wanted);
    if (known !== undefined) {
      if (!state.objects.includes(known)) state.objects.push(known);
      continue;
    }
    state.context.trace(`${object.name} needs ${wanted}`);
    const found = find(state, wanted, object);
    if ("problem" in found) {
      state.problems.push(found.problem);
      return;
    }
    state.context.trace(`  → ${found.object.path}`);
    add(state, found.object, wanted);
  }
}

function add(state: State, object: LoadedObject, wanted: string): void {
  if (!state.objects.includes(object)) state.objects.push(object);
  state.byPath.set(object.path, object);
  for (const name of [wanted, ...namesOf(object)]) {
    if (!state.byName.has(name)) state.byName.set(name, object);
  }
}

function find(
  state: State,
  wanted: string,
  by: LoadedObject,
): { readonly object: LoadedObject } | { readonly problem: LoadProblem } {
  const { context } = state;
  const found = wanted.includes("/")
    ? openPath(context, wanted, by)
    : searchLibrary(context, wanted, by);
  const { candidate, name, foundBy } = found;
  if (candidate.outcome === "unusable") {
    return {
      problem: {
        rule: "library-unusable",
        by,
        wants: wanted,
        at: candidate.located,
        message: `${by.path} needs ${wanted}, and ${candidate.located.path} cannot be loaded.`,
        sentence: `error while loading shared libraries: ${candidate.names === "path" ? name : wanted}: ${candidate.problem}`,
      },
    };
  }
  if (candidate.outcome !== "taken") return { problem: missing(wanted, by, found, context) };
  const { located, elf } = candidate;
  if (isCutShort(elf)) return { problem: cutShort(wanted, by, found, located) };
  const known = state.byPath.get(located.path);
  if (known !== undefined) return { object: known };
  const { path: real, node } = located;
  return { object: { name, path: real, node, elf, requestedBy: by, requested: wanted, foundBy } };
}

/** It is mapped, and whoever touches what is not there is killed without a word. */
function cutShort(wanted: string, by: LoadedObject, { name }: Found, at: Located): LoadProblem {
  return {
    rule: "library-unusable",
    by,
    wants: wanted,
    at,
    message: `${by.path} needs ${wanted}, and ${name} is cut short: a part that it loads is missing.`,
    sentence: busError,
  };
}

/** A name with a slash is opened as it stands, its tokens replaced. */
function openPath(context: SearchContext, wanted: string, by: LoadedObject): Found {
  const { container, abi, build, trace } = context;
  const origin = path.posix.dirname(by.path);
  const name = expandTokens(wanted, { origin, lib: build.lib, platform: build.platform });
  const candidate = tryFile(container, name, abi);
  trace(`  the path itself: ${name}: ${candidate.outcome}`);
  const skipped =
    candidate.outcome === "skipped" ? [{ path: candidate.located.path, why: candidate.why }] : [];
  const isOtherClass = candidate.outcome === "skipped" && candidate.isOtherClass;
  const errno =
    candidate.outcome === "absent" ? candidate.errno : ("No such file or directory" as const);
  return { candidate, name, foundBy: "the path itself", skipped, isOtherClass, errno };
}

function missing(
  wanted: string,
  by: LoadedObject,
  { errno, skipped, isOtherClass }: Found,
  { abi }: SearchContext,
): LoadProblem {
  const why = errno === undefined ? "" : `: ${errno}`;
  const sentence = isOtherClass
    ? `wrong ELF class: ELFCLASS${abi.bits === 64 ? 32 : 64}`
    : `cannot open shared object file${why}`;
  const [first] = skipped;
  const passed =
    first === undefined
      ? ""
      : ` ${first.path} has that name and is passed over: it is ${first.why}.`;
  return {
    rule: "library-missing",
    by,
    wants: wanted,
    message: `${by.path} needs ${wanted}, which its loader does not find.${passed}`,
    sentence: `error while loading shared libraries: ${wanted}: ${sentence}`,
    skipped,
  };
}

/** Which objects say that they need more than the processor has (glibc 2.33, `sysdeps/x86/dl-prop.h`; older ones do not look). */
function cpuProblems({ objects, context, byName, loader }: State): readonly LoadProblem[] {
  const { cpu } = context.container;
  const isChecked = [loader, byName.get("libc.so.6")].some(definesVersion33);
  if (cpu === undefined || !isChecked) return [];
  return objects.flatMap((object) => {
    const { x86Level } = object.elf;
    if (x86Level === undefined || x86Level <= cpu.level) return [];
    return [
      {
        rule: "cpu-level" as const,
        by: object,
        wants: formatCpuLevel(x86Level),
        at: object,
        message: `${object.path} is compiled for ${formatCpuLevel(x86Level)}; the processor has ${formatCpuLevel(cpu)}.`,
        sentence: `${object.name}: CPU ISA level is lower than required`,
      },
    ];
  });
}

/** Whether an object of the C library is of 2.33 or later, by the versions that it defines. */
function definesVersion33(object: LoadedObject | undefined): boolean {
  return (object?.elf.dynamic?.versionDefinitions ?? []).some(
    (name) => Number(/^GLIBC_2\.(\d+)$/.exec(name)?.[1] ?? 0) >= 33,
  );
}
