/** Installs by a lock file that was written elsewhere, and keeps from the platform what it needs. */
import path from "node:path";
import type { LockProblem } from "../../build-context/lock-file/lock.ts";
import { isOn } from "../artefact/tool.ts";
import { operandsOf, type Program } from "../program.ts";
import type { Finding } from "../rules/rule.ts";
import { programsOf, stepsOf } from "../step.ts";
import type { StageView, TargetView } from "../view.ts";
import { samePlatform } from "../../platform/platform.ts";

export function lockedOut(view: TargetView): readonly Finding[] {
  const { lacking } = view;
  if (lacking === undefined || lacking.size === 0) return [];
  const stages = view.stages.filter(({ isBuilders }) => !isBuilders);
  return stages.flatMap((stage) =>
    programsOf(stage).flatMap((program) => {
      const install = installOf(program, stage, view);
      const { platform: own } = stage;
      if (install === undefined || own === undefined) return [];
      return problemsOf(program, install, view)
        .filter(({ isInProduction }) => isInProduction === true || !isForProduction(program))
        .filter(({ platform }) => samePlatform(platform, own))
        .map((problem) => findingOf(program, problem, install.severity));
    }),
  );
}

interface Install {
  /** The names of the lock file; the first that is there counts. */
  readonly files: readonly string[];
  /** `error` where the installer ends for it; others go on, and what is missing is missed later, if at all. */
  readonly severity: Finding["severity"];
}

function installOf(program: Program, stage: StageView, view: TargetView): Install | undefined {
  const { name, args, isCertain } = program;
  const [verb = "", ...more] = operandsOf(program).map(({ text }) => text);
  const has = (option: RegExp) => args.some(({ text }) => option.test(text));
  if (!isCertain || has(/^--(?:global|prefix|dir|cwd|directory|project|gemfile)\b|^-[gC]$/))
    return undefined;
  switch (name) {
    case "npm": {
      const isLocked = verb === "ci" || verb === "clean-install";
      const files = ["npm-shrinkwrap.json", "package-lock.json"];
      return isLocked && !has(/^--(?:cpu|os|libc|omit=optional)\b/)
        ? { files, severity: "warning" }
        : undefined;
    }
    case "pnpm":
    case "yarn": {
      const isInstall = verb === "install" || (name === "yarn" ? verb === "" : verb === "i");
      if (!isInstall || more.length > 0 || has(/^--(?:cpu|os|libc|no-optional)\b/))
        return undefined;
      return { files: [name === "yarn" ? "yarn.lock" : "pnpm-lock.yaml"], severity: "warning" };
    }
    case "uv":
      return verb === "sync" && !has(/^--(?:only-|no-install-package|script)/)
        ? { files: ["uv.lock"], severity: "error" }
        : undefined;
    case "poetry":
      return verb === "install" ? { files: ["poetry.lock"], severity: "warning" } : undefined;
    case "bundle":
      return verb === "install" && isFrozen(program, stage, view)
        ? { files: ["Gemfile.lock"], severity: "error" }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether what only developers need is left out. */
function isForProduction({ args, environment }: Program): boolean {
  const isTold = args.some(({ text }) =>
    /^--(?:omit|production|prod|only|without|no-dev)\b|^-P$/.test(text),
  );
  return isTold || environment.get("NODE_ENV")?.text === "production";
}

/** Whether Bundler may not add a platform to its lock file: by variables, options, or what was configured before. */
function isFrozen(program: Program, stage: StageView, view: TargetView): boolean {
  const { environment, args } = program;
  if (["BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"].some((name) => isOn(environment.get(name)?.text)))
    return true;
  if (args.some(({ text }) => text === "--frozen" || text === "--deployment")) return true;
  const before = stepsOf(stage, view).flatMap(({ programs }) => programs);
  return before.slice(0, before.indexOf(program)).some((one) => {
    const [verb, ...words] = operandsOf(one).map(({ text }) => text);
    const at = words.findIndex((word) => word === "frozen" || word === "deployment");
    return (
      one.name === "bundle" &&
      verb === "config" &&
      one.isCertain &&
      at !== -1 &&
      isOn(words[at + 1])
    );
  });
}

function problemsOf(
  { step, directory }: Program,
  { files }: Install,
  { lacking, context }: TargetView,
): readonly LockProblem[] {
  if (directory === undefined) return [];
  const places = files.map((file) => path.posix.join(directory, file));
  const origins = places.flatMap((place) => step.originsOf(place));
  const found = origins.find((file) => context?.files.has(file));
  return found === undefined ? [] : (lacking?.get(found) ?? []);
}

function findingOf(
  program: Program,
  { detail, failure, fix }: LockProblem,
  severity: Finding["severity"],
): Finding {
  const verb = operandsOf(program)[0];
  const start = program.rangeOf(program.word);
  const end = verb === undefined ? start : program.rangeOf(verb);
  const isOneLine = end.line === start.endLine;
  const range = isOneLine ? { ...start, endLine: end.endLine, endColumn: end.endColumn } : start;
  // What others than those that end for it leave out is missed only where it is used.
  const saidBy = (said: string) => (severity === "error" ? { failure: said } : { mayFail: said });
  const said = failure === undefined ? {} : saidBy(failure);
  return { severity, range, message: detail, ...said, hint: fix };
}
