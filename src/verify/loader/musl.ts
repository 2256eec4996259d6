/** musl's loader: one search path, no versions, every symbol before the start (musl, `ldso/dynlink.c`). */
import path from "node:path";
import { absolutePath, type Container } from "../container.ts";
import type { Dynamic } from "../start/outcome.ts";
import type { Located } from "../start/search.ts";
import { mayAccess, mayReach } from "../user.ts";
import {
  type Load,
  type LoadedObject,
  loaderObject,
  type LoadProblem,
  programObject,
} from "./load.ts";
import { isSecureExecution } from "./secure.ts";
import { expandTokens } from "./tokens.ts";

export interface MuslOptions {
  readonly container: Container;
  /** Told each step of the walk. */
  readonly trace?: (line: string) => void;
}

/** Loads a program that the kernel started with musl's loader, which is the C library itself. */
export function loadWithMusl(running: Dynamic, options: MuslOptions): Load {
  const state = stateOf(running, options);
  loadFrom(state, 0);
  if (!state.objects.includes(state.libc)) state.objects.push(state.libc);
  return { loader: "musl", objects: state.objects, problems: state.problems, unproven: [] };
}

/** Opens a module in a program that runs, as dlopen(3) does, and says what that adds. */
export function openWithMusl(running: Dynamic, module: string, options: MuslOptions): Load {
  const state = stateOf(running, options);
  loadFrom(state, 0);
  const program = state.objects.length;
  const before = state.problems.length;
  const found = find(state, module, state.program);
  if ("errno" in found) {
    const problems = [missing(module, state.program, found)];
    return { loader: "musl", objects: [], problems, unproven: [] };
  }
  if (!state.objects.includes(found.object)) state.objects.push(found.object);
  loadFrom(state, program);
  const objects = state.objects.slice(program);
  return { loader: "musl", objects, problems: state.problems.slice(before), unproven: [] };
}

function stateOf(running: Dynamic, { container, trace = () => {} }: MuslOptions): State {
  const program = programObject(running);
  const libc = loaderObject(running);
  const state: State = {
    container,
    program,
    libc,
    isSecure: isSecureExecution(container, running.located.node.entry),
    objects: [program],
    byShortName: new Map(),
    byPath: new Map([[libc.path, libc]]),
    problems: [],
    trace,
  };
  preload(state);
  return state;
}

/** It goes on after a library that is missing, and tells all of them. */
function loadFrom(state: State, first: number): void {
  for (let at = first; at < state.objects.length; at += 1) {
    const object = state.objects[at];
    if (object !== undefined) loadNeeded(state, object);
  }
}

interface State {
  readonly container: Container;
  readonly program: LoadedObject;
  readonly libc: LoadedObject;
  readonly isSecure: boolean;
  readonly objects: LoadedObject[];
  /** By the file name that a search found. */
  readonly byShortName: Map<string, LoadedObject>;
  readonly byPath: Map<string, LoadedObject>;
  readonly problems: LoadProblem[];
  readonly trace: (line: string) => void;
}

function preload(state: State): void {
  const names = state.isSecure ? "" : (state.container.environment.get("LD_PRELOAD") ?? "");
  for (const name of names.split(/[\s:]+/)) {
    if (name === "") continue;
    const found = find(state, name, undefined);
    if ("object" in found && !state.objects.includes(found.object))
      state.objects.push(found.object);
  }
}

function loadNeeded(state: State, object: LoadedObject): void {
  // The C library needs nothing.
  if (object === state.libc) return;
  for (const wanted of object.elf.dynamic?.needed ?? []) {
    state.trace(`${object.name} needs ${wanted}`);
    const found = find(state, wanted, object);
    if ("errno" in found) {
      state.problems.push(missing(wanted, object, found));
      continue;
    }
    state.trace(`  → ${found.object.path}`);
    if (!state.objects.includes(found.object)) state.objects.push(found.object);
  }
}

interface NotFound {
  readonly errno: string;
  readonly located?: Located;
}

/** Names that are the C library's own parts, whatever follows: `libc.so.6`, `libpthread.so.0`, `libc.musl-x86_64.so.1`. */
const reserved = /^lib(?:c|pthread|rt|m|dl|util|xnet)\./;

function find(
  state: State,
  wanted: string,
  by: LoadedObject | undefined,
): { readonly object: LoadedObject } | NotFound {
  if (reserved.test(wanted) || wanted === state.libc.name) {
    state.trace(`  ${wanted} is the C library itself`);
    return { object: state.libc };
  }
  if (wanted === "") return { errno: "Invalid argument" };
  const isPath = wanted.includes("/");
  const known = isPath ? undefined : state.byShortName.get(wanted);
  if (known !== undefined) return { object: known };
  const opened = isPath ? openAt(state, wanted, "the path itself") : search(state, wanted, by);
  if ("errno" in opened) return opened;
  const { located, name, foundBy } = opened;
  const same = state.byPath.get(located.path);
  if (same !== undefined) return { object: same };
  const { content } = located.node.entry;
  // Neither magic number nor machine are looked at: only the type, and that it has a dynamic section.
  // One of another class reads as nonsense (`map_library`).
  const isReadable =
    content?.kind === "elf" &&
    content.elf.dynamic !== undefined &&
    content.elf.bits === state.program.elf.bits;
  if (!isReadable) return { errno: "Exec format error", located };
  const object: LoadedObject = {
    name,
    path: located.path,
    node: located.node,
    elf: content.elf,
    requested: wanted,
    foundBy,
    ...(by === undefined ? {} : { requestedBy: by }),
  };
  state.byPath.set(located.path, object);
  if (!isPath) state.byShortName.set(wanted, object);
  if (object.elf.machine !== state.program.elf.machine) state.problems.push(foreign(object, by));
  return { object };
}

interface Opened {
  readonly located: Located;
  readonly name: string;
  readonly foundBy: string;
}

/** LD_LIBRARY_PATH, the paths of who asks and of who asked for that, then the system's. The first file that opens is taken. */
function search(state: State, wanted: string, by: LoadedObject | undefined): Opened | NotFound {
  const { container, isSecure } = state;
  const environment = isSecure ? "" : (container.environment.get("LD_LIBRARY_PATH") ?? "");
  const stages = [
    { by: "LD_LIBRARY_PATH", directories: environment },
    ...runPaths(state, by),
    { by: "the system's path", directories: systemPath(state) },
  ];
  // Where it tries nothing at all, nothing sets errno.
  let errno = "No error information";
  for (const stage of stages) {
    for (const directory of stage.directories.split(/[:\n]/)) {
      if (directory === "") continue;
      const opened = openAt(state, `${directory}/${wanted}`, stage.by);
      if (!("errno" in opened)) return opened;
      if (!passing.has(opened.errno)) return opened;
      ({ errno } = opened);
    }
  }
  return { errno };
}

/** After any other error the search ends (`path_open`). */
const passing = new Set(["No such file or directory", "Not a directory", "Permission denied"]);

/** RPATH and RUNPATH are the same thing, and reach whoever is needed below (`load_library`, `fixup_rpath`). */
function runPaths(
  { program, isSecure }: State,
  by: LoadedObject | undefined,
): readonly { readonly by: string; readonly directories: string }[] {
  const stages: { by: string; directories: string }[] = [];
  for (let at = by; at !== undefined; at = at.requestedBy) {
    const directories = at.elf.dynamic?.runpath ?? at.elf.dynamic?.rpath;
    if (directories === undefined) continue;
    const origin = path.posix.dirname(at === program ? at.path : at.name);
    const hasToken = directories.includes("$");
    const isOrigin = !/\$(?!ORIGIN|\{ORIGIN\})/.test(directories);
    // A `$` of anything else makes it forget the whole path; a set-user-id program may not use its own.
    if (hasToken && (!isOrigin || (isSecure && at === program))) continue;
    const expanded = expandTokens(directories, { origin, lib: "", platform: "" });
    stages.push({ by: `RPATH of ${at.name}`, directories: expanded });
  }
  return stages;
}

/** `/etc/ld-musl-ARCH.path` beside the directory that the loader lives in, else the default. */
function systemPath({ container, libc }: State): string {
  const architecture = /ld-musl-(.+)\.so\.\d+$/.exec(path.posix.basename(libc.name))?.[1] ?? "";
  const prefix = path.posix.dirname(path.posix.dirname(libc.name)).replace(/\/$/, "");
  const file = container.tree.lookup(`${prefix}/etc/ld-musl-${architecture}.path`);
  if (file.outcome !== "found") return "/lib:/usr/local/lib:/usr/lib";
  const { content } = file.node.entry;
  return content?.kind === "text" ? content.text : "";
}

function openAt(state: State, name: string, foundBy: string): Opened | NotFound {
  const { tree, user } = state.container;
  const found = tree.lookup(absolutePath(state.container, name));
  const opened = ((): Opened | NotFound => {
    if (found.outcome === "missing") return { errno: "No such file or directory" };
    if (found.outcome === "not-a-directory") return { errno: "Not a directory" };
    if (found.outcome === "loop") return { errno: "Symbolic link loop" };
    const isReadable =
      mayAccess(user, found.node.entry, "read") && mayReach(user, tree, found.path);
    return isReadable ? { located: found, name, foundBy } : { errno: "Permission denied" };
  })();
  state.trace(`  ${foundBy}: ${name}: ${"errno" in opened ? opened.errno : "found"}`);
  return opened;
}

function missing(wanted: string, by: LoadedObject, { errno, located }: NotFound): LoadProblem {
  const isThere = located !== undefined;
  return {
    rule: isThere ? "library-unusable" : "library-missing",
    by,
    wants: wanted,
    ...(isThere ? { at: located } : {}),
    message: isThere
      ? `${by.path} needs ${wanted}, and ${located.path} cannot be loaded.`
      : `${by.path} needs ${wanted}, which its loader does not find.`,
    sentence: `Error loading shared library ${wanted}: ${errno} (needed by ${by.name})`,
  };
}

/** It is mapped, and breaks when its relocations are read as those of another machine. */
function foreign(object: LoadedObject, by: LoadedObject | undefined): LoadProblem {
  return {
    rule: "library-unusable",
    by: by ?? object,
    wants: object.requested ?? object.name,
    at: object,
    message: `${by?.path ?? "LD_PRELOAD"} needs ${object.requested ?? object.name}, and ${object.path} is made for another machine.`,
    sentence: `Error relocating ${object.name}: unsupported relocation type`,
  };
}
