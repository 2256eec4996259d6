/** Node: what it builds for browsers is the same anywhere; packages with programs in them are chosen by `--os` and `--cpu`. */
import { insertion } from "../edit.ts";
import { hasOption, isAlone, operandsOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import {
  type Family,
  foreign,
  type Output,
  type Situation,
  tool,
  type Treatment,
  whole,
} from "../treatment.ts";

const addOns =
  "Packages that compile on installation or fetch a program then (node-gyp, postinstall scripts) bring the builder's; transship build refutes an image that has one.";
const bundled =
  "A server that is bundled with its packages takes the builder's of those with programs in them (sharp, for one); transship build refutes an image that has one.";
const built = {
  kind: "neutral",
  why: "What it writes is the same on every machine.",
  stage: "build",
} as const;
const builders: ReadonlySet<string> = new Set(
  "tsc tsup vite webpack rollup parcel esbuild swc next nuxt astro ng gulp grunt eslint prettier sass postcss tailwindcss turbo nx svelte-kit remix eleventy gatsby".split(
    " ",
  ),
);
/** The scripts that people call so write files. */
const scripts =
  /^(?:(?:pre|post)?(?:build|compile|bundle|generate|assets|dist|export|css|docs|lint|typecheck|check-types|clean|minify)(?:[:-].*)?|production|prod)$/;

export const node: Family = (program, situation) => {
  const { name = "" } = program;
  if (name === "corepack") return tool("It sets up the package manager.", situation);
  if (name === "npx" || name === "pnpx" || name === "bunx")
    return run(operandsOf(program)[0] ?? "", program, situation);
  if (builders.has(name)) return build(program, situation);
  if (name === "npm" || name === "pnpm" || name === "yarn" || name === "bun")
    return manager(program, situation, name);
  return undefined;
};

const forCpu = ' --os=linux --cpu="$CPU"';

type Manager = "npm" | "pnpm" | "yarn" | "bun";

function manager(program: Program, situation: Situation, name: Manager): Treatment {
  const [verb = name === "yarn" ? "install" : "", second = ""] = operandsOf(program);
  if (/^(?:cache|version|store|audit|view|fetch)$/.test(verb)) {
    return { kind: "plain", why: "It looks after the package manager's own store.", outputs: [] };
  }
  if (/^(?:config|set|pkg|login)$/.test(verb)) {
    return tool("It sets up the package manager.", situation);
  }
  if (/^(?:ci|install|i|add|clean-install)$/.test(verb)) return install(program, situation, name);
  if (verb === "prune") return prune(program, situation, name);
  if (verb === "exec" || verb === "dlx" || verb === "x") return run(second, program, situation);
  const script = verb === "run" || verb === "run-script" ? second : verb;
  if (scripts.test(script)) return build(program, situation);
  if (verb !== "run" && builders.has(script)) return build(program, situation);
  return foreign(`Nobody can say here what the script ${script} runs.`);
}

function run(called: string, program: Program, situation: Situation): Treatment {
  const name = called.split("@").find((part) => part !== "") ?? "";
  if (builders.has(name)) return build(program, situation);
  return foreign(`Nobody can say here what ${name || "it"} makes for another machine.`);
}

function build(program: Program, situation: Situation): Treatment {
  const outputs = whole(situation);
  const server = [".next/standalone", ".output"].some((name) =>
    situation.isCarriedOut(pathOf(name, situation) ?? "/"),
  );
  const known = {
    ...built,
    ...(outputs && { outputs }),
    ...(server && !situation.isSplit ? { caveat: bundled } : {}),
  };
  const before = situation.earlier.findLast((one) => isInstall(one));
  const isLast = !situation.later.some((one) => isBuild(one));
  if (before === undefined || !isLast || !goesOut(situation)) return known;
  if (!canRepeat(before) || !isAlone(program)) return known;
  // The packages that built it are the builder's; those that go out are installed once more.
  const again = before.command.words.map(({ text }) => text).join(" ");
  return {
    ...known,
    kind: "cross",
    why: "What it builds is the same on every machine; its packages are installed once more for the target.",
    edits: [insertion(program.command.end, ` && ${again}${forCpu}`)],
    variables: ["TARGETARCH"],
    vocabularies: ["node"],
    caveat: `It takes npm 10 or newer. ${addOns}`,
  };
}

/** npm ci begins anew, whatever is there. */
function canRepeat({ name, args, command }: Program): boolean {
  return (
    name === "npm" &&
    args.some(({ text }) => text === "ci" || text === "clean-install") &&
    command.depth === 0
  );
}

function goesOut(situation: Situation): boolean {
  const path = pathOf("node_modules", situation);
  return situation.isSplit || path === undefined || situation.isCarriedOut(path);
}

function isInstall(program: Program): boolean {
  const [verb = program.name === "yarn" ? "install" : ""] = operandsOf(program);
  const isManager = /^(?:npm|pnpm|yarn|bun)$/.test(program.name ?? "");
  return (
    isManager &&
    /^(?:ci|install|i|clean-install)$/.test(verb) &&
    !hasOption(program, "-g", "--global")
  );
}

/** Whether it needs the packages to write something with them. */
function isBuild(program: Program): boolean {
  const { name = "" } = program;
  const [first = "", second = ""] = operandsOf(program);
  const isBuilder = (word: string) => builders.has(word.replace(/@.*$/, ""));
  if (/^(?:npx|pnpx|bunx)$/.test(name)) return isBuilder(first);
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(name)) return builders.has(name);
  if (/^(?:exec|dlx|x)$/.test(first)) return isBuilder(second);
  const isRun = first === "run" || first === "run-script";
  return scripts.test(isRun ? second : first) || (!isRun && builders.has(first));
}

function install(program: Program, situation: Situation, name: Manager): Treatment {
  if (hasOption(program, "-g", "--global") || operandsOf(program).includes("global")) {
    return tool("It installs a tool, which is small.", situation);
  }
  const modules = modulesOf(program, situation);
  const isWanted =
    situation.isSplit || modules === undefined || situation.isCarriedOut(modules.path);
  if (!isWanted) {
    return {
      kind: "neutral",
      why: "The packages serve the build alone, on the machine that builds.",
      outputs: [],
    };
  }
  const isBuiltHere = situation.later.some((one) => isBuild(one));
  const isElsewhere = situation.isUsedOnBuilder(modules?.path ?? "/");
  if (isBuiltHere && !isElsewhere && canRepeat(program)) {
    return {
      kind: "neutral",
      why: "The packages build the project, on the machine that builds.",
      outputs: [],
    };
  }
  if (isBuiltHere || isElsewhere) {
    return foreign(
      "The same packages build the project and go into the image, so they are needed for both machines.",
      "With npm a stage of its own that installs for the target (npm ci --omit=dev --os=linux --cpu=…) is the way out: the image then copies node_modules from there.",
    );
  }
  return forTarget(program, situation, name, modules === undefined ? undefined : [modules]);
}

function modulesOf(program: Program, situation: Situation): Output | undefined {
  const isElsewhere = hasOption(program, "--prefix", "--cwd", "-C", "--dir", "--modules-folder");
  const path = isElsewhere ? undefined : pathOf("node_modules", situation);
  return path === undefined ? undefined : { path, isDirectory: true };
}

function forTarget(
  program: Program,
  situation: Situation,
  name: Manager,
  outputs: readonly Output[] | undefined,
): Treatment {
  if (name === "yarn" || name === "bun") {
    return foreign(
      `${name} install chooses packages for the machine that it runs on, unless a file of the project says otherwise.`,
      "Yarn from version 2 on takes them from supportedArchitectures in .yarnrc.yml (os, cpu); with that the step can move to $BUILDPLATFORM.",
    );
  }
  if (hasOption(program, "--cpu", "--os"))
    return {
      kind: "neutral",
      why: "It says itself which machine it installs for.",
      ...(outputs && { outputs }),
    };
  const since = name === "npm" ? "It takes npm 10 or newer." : "It takes pnpm 10.14 or newer.";
  return {
    kind: "cross",
    why: `${name} can install the packages of another machine.`,
    stage: "dependencies",
    edits: [insertion(program.command.words.at(-1)?.end ?? program.command.end, forCpu)],
    variables: ["TARGETARCH"],
    vocabularies: ["node"],
    caveat: `${since} ${addOns}`,
    ...(outputs && { outputs }),
  };
}

function prune(program: Program, situation: Situation, name: Manager): Treatment {
  const known = {
    kind: "neutral",
    why: "It removes packages, which is the same anywhere.",
    outputs: [],
  } as const;
  if (!goesOut(situation)) return known;
  if (name !== "npm")
    return foreign("It thins out packages that were installed for the machine that it runs on.");
  return {
    ...known,
    kind: "cross",
    edits: [insertion(program.command.words.at(-1)?.end ?? program.command.end, forCpu)],
    variables: ["TARGETARCH"],
    vocabularies: ["node"],
  };
}
