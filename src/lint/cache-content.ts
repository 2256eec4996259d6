/** What programs leave in a cache mount that is of one architecture, and that they themselves do not tell apart. */
import { pathFrom } from "./path.ts";
import { operandsOf, optionOf, type Program } from "./program.ts";

export interface CacheContent {
  /** What the directory is, as in “this cache is …”. */
  readonly name: string;
  readonly severity: "error" | "warning";
  /** Whether the next platform takes what it finds there for its own; else only those that are built at once disturb each other. */
  readonly outlasts: boolean;
  /** What happens to the next platform. */
  readonly effect: string;
  readonly failure: string;
}

export interface Cache {
  /** Where it is mounted. */
  readonly path: string;
  /** The directory that the program starts in, where it is known. */
  readonly directory: string | undefined;
}

interface Writer extends CacheContent {
  readonly programs: RegExp;
  readonly writes: (program: Program, cache: Cache) => boolean;
}

/** What the program leaves in the cache; undefined for caches that have the architecture in their keys, and for unknown ones. */
export function contentOf(program: Program, cache: Cache): CacheContent | undefined {
  return writers.find(
    ({ programs, writes }) => programs.test(program.name) && writes(program, cache),
  );
}

const writers: readonly Writer[] = [
  {
    programs: /^cargo$/,
    name: "Cargo's target directory",
    severity: "error",
    // Everything but the programs themselves has a hash of the compiler's host in its name.
    outlasts: false,
    effect:
      "each of them puts its program at the same path there, and what is taken may be another platform's",
    failure: "exec format error",
    writes: isCargosTarget,
  },
  {
    programs: /^zig$/,
    name: "Zig's output directory",
    severity: "error",
    outlasts: false,
    effect:
      "each of them puts its program at the same path there, and what is taken may be another platform's",
    failure: "exec format error",
    writes: (program, { path }) =>
      isCommand(program, "build") &&
      /\/zig-out(?:\/bin)?$/.test(path) &&
      !hasOption(program, "-p", "--prefix"),
  },
  {
    programs: /^(?:cmake|meson|ninja)$/,
    name: "a build directory",
    severity: "error",
    outlasts: true,
    effect:
      "object files and programs of another platform, newer than their sources, are not built again",
    failure: "error adding symbols: file in wrong format",
    writes: isBuildDirectory,
  },
  {
    programs: /^(?:mix|rebar3)$/,
    name: "Erlang's build directory",
    severity: "error",
    outlasts: true,
    effect: "libraries that were compiled for another platform are not compiled again",
    failure:
      "Failed to load NIF library: cannot open shared object file: No such file or directory",
    writes: ({ args }, { path }) =>
      path.endsWith("/_build") &&
      args.some(({ text }) => /^(?:compile|release|deps\.compile|test|do)$/.test(text)),
  },
  {
    programs: /^dotnet$/,
    name: "an obj directory of .NET",
    severity: "error",
    outlasts: true,
    effect: "the start program that was made for another platform is not made again",
    failure: "exec format error",
    writes: (program, { path }) =>
      isCommand(program, "build", "publish") &&
      path.endsWith("/obj") &&
      !hasOption(
        program,
        "-r",
        "--runtime",
        "-a",
        "--arch",
        "--os",
        "--ucr",
        "--use-current-runtime",
      ) &&
      !program.args.some(({ text }) => /RuntimeIdentifier|UseAppHost/.test(text)),
  },
  {
    programs: /^(?:pip[\d.]*|python[\d.]*|poetry)$/,
    name: "a virtual environment",
    severity: "error",
    outlasts: true,
    effect: "packages that another platform installed count as installed, with its shared objects",
    failure: "ModuleNotFoundError: No module named 'pydantic_core._pydantic_core'",
    writes: (program, { path }) =>
      isEnvironment(program, path) &&
      (program.name.startsWith("python")
        ? isModule(program, "pip") && program.args[2]?.text === "install"
        : isCommand(program, "install")),
  },
  {
    programs: /^(?:npm|pnpm)$/,
    name: "node_modules",
    severity: "warning",
    outlasts: true,
    effect: "addons that were compiled for another platform count as installed",
    failure: "cannot open shared object file: No such file or directory",
    writes: (program, cache) =>
      isCommand(program, "install", "i", "add") && isNodeModules(program, cache),
  },
  {
    programs: /^(?:npm|yarn)$/,
    name: "node_modules",
    severity: "warning",
    outlasts: false,
    effect: "each of them takes away and writes the same files",
    failure: "npm error code ENOTEMPTY",
    writes: (program, cache) =>
      (isCommand(program, "ci", "clean-install", "install") ||
        (program.name === "yarn" && operandsOf(program).length === 0)) &&
      isNodeModules(program, cache),
  },
  {
    programs: /^bundler?$/,
    name: "a directory of gems",
    severity: "warning",
    outlasts: true,
    effect: "gems whose extensions were compiled for another platform lie there as installed",
    failure: "Ignoring bcrypt-3.1.20 because its extensions are not built",
    writes: (program, { path }) =>
      (isCommand(program, "install") || operandsOf(program).length === 0) &&
      (/\/vendor\/bundle$|^\/usr\/local\/bundle$/.test(path) ||
        path === valueIn(program, "BUNDLE_PATH")),
  },
  {
    programs: /^(?:npx|pnpm|yarn|python[\d.]*|playwright)$/,
    name: "Playwright's directory of browsers",
    severity: "error",
    outlasts: true,
    effect:
      "a browser of the same revision counts as installed, for whatever platform it was downloaded",
    failure: "exec format error",
    writes: ({ name, args, environment }, { path }) =>
      (path.endsWith("/ms-playwright") ||
        path === environment.get("PLAYWRIGHT_BROWSERS_PATH")?.text) &&
      (name === "playwright" || args.some(({ text }) => /^playwright(?:@.*)?$/.test(text))) &&
      args.some(({ text }) => text === "install"),
  },
];

const building: ReadonlySet<string> = new Set(
  "build b run r test t rustc chef auditable install".split(" "),
);

/** With `--target` there is a directory of its own for each triple. */
function isCargosTarget(program: Program, { path, directory }: Cache): boolean {
  const command = program.args.find(({ text }) => !/^[+-]/.test(text))?.text ?? "";
  if (!building.has(command) || hasOption(program, "prepare")) return false;
  if (command === "install" && !hasOption(program, "--path")) return false;
  if (hasOption(program, "--target") || valueIn(program, "CARGO_BUILD_TARGET") !== undefined)
    return false;
  const written =
    optionOf(program, "--target-dir")?.text ??
    valueIn(program, "CARGO_TARGET_DIR") ??
    valueIn(program, "CARGO_BUILD_TARGET_DIR");
  if (written === undefined) return /\/target(?:\/(?:release|debug))?$/.test(path);
  const target = pathFrom(directory, written);
  return target !== undefined && [target, `${target}/release`, `${target}/debug`].includes(path);
}

/** The directory that it is told, or the one that it starts in. */
function isBuildDirectory({ name, args }: Program, { path, directory }: Cache): boolean {
  if (args.some(({ text }) => /^(?:-E|-P|--version|--help)$/.test(text))) return false;
  const isTold = args.some(
    ({ text }) => pathFrom(directory, text.replace(/^-[BC](?=.)/, "")) === path,
  );
  return isTold || (path === directory && name !== "meson");
}

function isEnvironment(program: Program, path: string): boolean {
  return /\/\.?venv$/.test(path) || path === valueIn(program, "VIRTUAL_ENV");
}

function isNodeModules(program: Program, { path }: Cache): boolean {
  return path.endsWith("/node_modules") && !hasOption(program, "-g", "--global");
}

function isModule({ args: [option, module] }: Program, name: string): boolean {
  return option?.text === "-m" && module?.text === name;
}

function isCommand(program: Program, ...names: readonly string[]): boolean {
  return names.includes(operandsOf(program)[0]?.text ?? "");
}

function hasOption({ args }: Program, ...names: readonly string[]): boolean {
  return args.some(({ text }) =>
    names.some(
      (name) => text === name || text.startsWith(`${name}=`) || text.startsWith(`${name}:`),
    ),
  );
}

/** What the program finds in its environment; with a hole where it is not known. */
function valueIn({ environment }: Program, name: string): string | undefined {
  const text = environment.get(name)?.text;
  return text === "" ? undefined : text;
}
