/** Native modules that an interpreter of the image picks by itself: Node add-ons, Python extension modules. */
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { Finding, Unproven } from "./finding.ts";
import { isInPlaceForOthers, isMeantThere, type NativeFile } from "./foreign.ts";
import { loadFinding } from "./loader/findings.ts";
import type { LoadProblem } from "./loader/load.ts";
import type { Loader } from "./loader/loader.ts";
import { type Origin, originOf } from "./origin.ts";
import { moduleMachine } from "./rules/module-machine.ts";
import type { Running } from "./start/outcome.ts";

export type Interpreter = "node" | "python";

/** Which interpreter would load that file; `undefined` where none does by itself. */
export function interpreterOf({ path }: Pick<NativeFile, "path">): Interpreter | undefined {
  if (path.endsWith(".node")) return "node";
  const isPackage = /\/(?:site-packages|dist-packages|lib-dynload)\//.test(path);
  return isPackage && path.endsWith(".so") ? "python" : undefined;
}

/** The interpreter that a program is, by its file name. */
function interpreterNamed(program: string): Interpreter | undefined {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (/^(?:node|nodejs|bun|deno|electron)$/.test(name)) return "node";
  return /^(?:python|pypy)[\d.]*$/.test(name) ? "python" : undefined;
}

export interface ModulesOptions {
  readonly platform: Platform;
  readonly origins: readonly Origin[];
  readonly loader: Loader;
  /** What the image starts: an interpreter among it opens its modules. */
  readonly started: readonly Running[];
}

export interface ModulesCheck {
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
}

/** Opens each module in the interpreter that the image starts, as its loader would. */
export function checkModules(
  files: readonly NativeFile[],
  { platform, origins, loader, started }: ModulesOptions,
): ModulesCheck {
  const findings: Finding[] = [];
  const unproven: Unproven[] = [];
  const served = servedModules(files, platform);
  for (const file of files) {
    const interpreter = interpreterOf(file);
    if (isForOtherPlatform(file, platform)) {
      const isLonely = interpreter === "python" && !served.has(moduleName(file.path));
      const isImported = started.some(({ located }) => interpreterNamed(located.path) === "python");
      if (!isLonely || !isImported || isInPlaceForOthers(file)) continue;
      findings.push(lonelyModule(file, { platform, origins }));
      unproven.push(
        `${moduleName(file.path)} is there for ${file.named?.words} alone: whether anything imports it is not known.`,
      );
      continue;
    }
    if (file.isForeign && isMeantThere(file)) continue;
    const running = started.find(({ located }) => interpreterNamed(located.path) === interpreter);
    if (running === undefined) {
      if (file.isForeign) findings.push(foreignModule(file, { platform, origins }));
      continue;
    }
    if (isForOtherLibrary(file, running)) continue;
    const [problem] = loader.open(running, file.path)?.problems ?? [];
    if (problem === undefined) continue;
    const isOwn = problem.wants === file.path;
    if (isOwn) {
      findings.push(foreignModule(file, { platform, origins, problem, interpreter }));
      continue;
    }
    findings.push({
      ...loadFinding(problem, "warning", origins),
      prediction: `${errorName(interpreter)}: ${wordsOf(problem)}`,
    });
    // Of the standard library's own modules some are there without what they need, and nobody misses them.
    if (!file.path.includes("/lib-dynload/")) unproven.push(openQuestion(file, problem));
  }
  return { findings, unproven };
}

/** Its path says so, and it holds what its path says: no interpreter of this platform looks at it. */
function isForOtherPlatform(
  { named, contradicts }: NativeFile,
  { architecture }: Platform,
): boolean {
  if (named === undefined || contradicts) return false;
  return named.os !== "linux" || named.architecture !== architecture;
}

/** The modules of which one is there for this platform, or for any. */
function servedModules(files: readonly NativeFile[], platform: Platform): ReadonlySet<string> {
  const own = files.filter((file) => !isForOtherPlatform(file, platform));
  return new Set(own.map(({ path }) => moduleName(path)));
}

/** `/usr/lib/python3/dist-packages/yaml/_yaml` of `…/_yaml.cpython-311-x86_64-linux-gnu.so`. */
function moduleName(path: string): string {
  const slash = path.lastIndexOf("/");
  const dot = path.indexOf(".", slash);
  return dot === -1 ? path : path.slice(0, dot);
}

/** What a copied virtual environment of another machine looks like. */
function lonelyModule(
  { path, node, named }: NativeFile,
  { platform, origins }: Pick<ModulesOptions, "platform" | "origins">,
): Finding {
  return {
    rule: moduleMachine.id,
    severity: "warning",
    message: `${path} is a Python module for ${named?.words}, and there is none of that name for ${formatPlatform(platform)}.`,
    path,
    ...originOf(origins, node),
    prediction: "ModuleNotFoundError: No module named",
    fix: moduleMachine.fix,
  };
}

function openQuestion({ path }: NativeFile, { wants }: LoadProblem): Unproven {
  return `${path} cannot be loaded, because of ${wants}: whether anything loads it is not known.`;
}

/** A module may stand there once for each C library. */
function isForOtherLibrary({ path }: NativeFile, { elf }: Running): boolean {
  const isMusl = elf.interpreter?.includes("musl") ?? false;
  return isMusl ? /glibc/.test(path) : /musl/.test(path);
}

function errorName(interpreter: Interpreter | undefined): string {
  return interpreter === "python" ? "ImportError" : "Error";
}

/** Without the words of a start. */
function wordsOf({ sentence }: LoadProblem): string {
  return sentence.replace(/^error while loading shared libraries: /, "");
}

function foreignModule(
  { path, node, madeFor }: NativeFile,
  {
    platform,
    origins,
    problem,
    interpreter,
  }: Pick<ModulesOptions, "platform" | "origins"> & {
    readonly problem?: LoadProblem;
    readonly interpreter?: Interpreter | undefined;
  },
): Finding {
  return {
    rule: moduleMachine.id,
    // Where the image starts the interpreter it will meet it.
    severity: problem === undefined ? "warning" : "error",
    message: `${path}, a native module, is made for ${madeFor}, the image for ${formatPlatform(platform)}.`,
    path,
    ...originOf(origins, node),
    ...(problem === undefined
      ? {}
      : { prediction: `${errorName(interpreter)}: ${wordsOf(problem)}` }),
    fix: moduleMachine.fix,
  };
}
