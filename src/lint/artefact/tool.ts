/** The tools that fill the directories that a machine also has beside its sources: which commands install, and which put right what a COPY brought. */
import path from "node:path";
import type { ArtefactKind } from "../../build-context/artefact.ts";
import { pathOf } from "../../dockerfile/directory.ts";
import { operandsOf, optionOf, type Program } from "../program.ts";
import { copiedInto } from "./copy.ts";
import type { Step } from "../step.ts";

export interface Install {
  readonly kind: ArtefactKind;
  /** The directory that is filled. */
  readonly place: string;
  /** As a reader knows it: `npm ci`. */
  readonly command: string;
  /** Files beside the directory, one of which shows that developers' machines fill it as well; none where nothing does. */
  readonly signs: readonly string[];
}

/** What a step fills for the machine that the stage runs on. */
export function installsOf(step: Step): readonly Install[] {
  return [...copied(step), ...step.programs.flatMap(installed)];
}

const names: readonly (readonly [string, ArtefactKind, readonly string[]])[] = [
  ["node_modules", "node", ["package.json"]],
  [".venv", "python", ["uv.lock"]],
  ["venv", "python", []],
  ["vendor/bundle", "ruby", []],
];

function copied(step: Step): readonly Install[] {
  return names.flatMap(([name, kind, signs]) => {
    const place = copiedInto(step, name);
    return place === undefined ? [] : [{ kind, place, command: "COPY --from", signs }];
  });
}

function installed(program: Program): readonly Install[] {
  const { name, directory, isCertain } = program;
  if (!isCertain || directory === undefined) return [];
  const within = (place: string) => path.posix.join(directory, place);
  if (isNodeInstall(program)) {
    const [verb = ""] = operandsOf(program).map(({ text }) => text);
    const command = `${name} ${verb}`.trim();
    return [{ kind: "node", place: within("node_modules"), command, signs: ["package.json"] }];
  }
  if (isBundleInstall(program)) {
    const place = within("vendor/bundle");
    return [{ kind: "ruby", place, command: "bundle install", signs: [] }];
  }
  return environmentOf(program);
}

/** `npm ci`, `yarn`, `pnpm install` … of the project in the directory that it runs in. */
function isNodeInstall(program: Program): boolean {
  const [verb, ...more] = operandsOf(program).map(({ text }) => text);
  const isElsewhere = program.args.some(({ text }) =>
    /^(?:-g|--global|--location|--prefix|-C|--dir|--cwd|--production=|--lockfile-only|--package-lock-only|--mode)/.test(
      text,
    ),
  );
  if (isElsewhere) return false;
  if (program.name === "npm" && (verb === "ci" || verb === "clean-install")) return true;
  const verbs = nodeInstalls.get(program.name) ?? [];
  return verbs.includes(verb ?? "") && more.length === 0;
}

const nodeInstalls: ReadonlyMap<string, readonly string[]> = new Map([
  ["npm", ["install", "i"]],
  ["pnpm", ["install", "i"]],
  ["yarn", ["", "install"]],
  ["bun", ["install", "i"]],
]);

function isBundleInstall(program: Program): boolean {
  if (program.name !== "bundle" || operandsOf(program)[0]?.text !== "install") return false;
  const place = program.environment.get("BUNDLE_PATH")?.text ?? optionOf(program, "--path")?.text;
  const isDeployment = isOn(program.environment.get("BUNDLE_DEPLOYMENT")?.text);
  const isVendored = program.args.some(({ text }) => text === "--deployment");
  if (place !== undefined) return /^(?:\.\/)?vendor\/bundle\/?$/.test(place);
  return isDeployment || isVendored;
}

/** What Bundler takes for yes, in a variable or a setting. */
export function isOn(text: string | undefined): boolean {
  return /^(?:1|true)$/.test(text ?? "");
}

/** A virtual environment. uv's own is in `.venv` on every machine. */
function environmentOf(program: Program): readonly Install[] {
  const [verb, place, ...more] = operandsOf(program).map(({ text }) => text);
  const install = (written: string, command: string, signs: readonly string[]) => {
    const found = pathOf(written, program);
    return found === undefined ? [] : [{ kind: "python", place: found, command, signs } as const];
  };
  const { name, args, environment } = program;
  if (name === "uv" && verb === "sync" && !environment.has("UV_PROJECT_ENVIRONMENT"))
    return install(".venv", "uv sync", ["uv.lock", "pyproject.toml"]);
  if (name === "virtualenv" && verb !== undefined && place === undefined)
    return install(verb, "virtualenv", []);
  const isModule = /^python[\d.]*$/.test(name) && args[0]?.text === "-m" && verb === "venv";
  return isModule && place !== undefined && more.length === 0
    ? install(place, `${name} -m venv`, [])
    : [];
}

/** Whether a step fills the directory anew, or takes it away: then what was copied into it may not count. */
export function mayMend(step: Step, kind: ArtefactKind): boolean {
  const { instruction, run } = step;
  if (names.some(([name, own]) => own === kind && copiedInto(step, name) !== undefined))
    return true;
  if (instruction.keyword !== "RUN") return false;
  // What is not understood may do anything.
  if (run?.isComplete !== true) return true;
  return step.programs.some((program) => mends(program, kind));
}

const directories: Readonly<Record<ArtefactKind, RegExp>> = {
  node: /node_modules/,
  python: /venv|env\b/,
  rust: /target/,
  ruby: /vendor/,
};

function mends(program: Program, kind: ArtefactKind): boolean {
  const { name, args } = program;
  if (["rm", "find", "mv", "rsync", "git"].includes(name))
    return args.some(({ text }) => directories[kind].test(text));
  const [verb = ""] = operandsOf(program).map(({ text }) => text);
  switch (kind) {
    case "node":
      if (name === "npm") return /^(?:ci|clean-install|rebuild|rb)$/.test(verb);
      return /^(?:yarn|pnpm|bun)$/.test(name) && /^(?:|install|i|rebuild|rb|deploy)$/.test(verb);
    case "python":
      return /^(?:uv|virtualenv|poetry|pipenv|pdm|hatch)$/.test(name) || verb === "venv";
    case "ruby":
      return /^(?:bundle|bundler|gem)$/.test(name) && /^(?:install|update|pristine|)$/.test(verb);
    case "rust":
      return name.startsWith("cargo") && verb !== "fetch";
  }
}

/** Whether a step starts what may do that out of sight: `make`, a script of the project. */
export function isOpaque({ programs }: Step): boolean {
  return programs.some(({ name }) =>
    /^(?:make|just|task|mage|bazel|nx|turbo|lerna|ba?sh|.+\.sh)$/.test(name),
  );
}
