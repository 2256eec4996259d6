/** Python: wheels are chosen for another machine by `--platform` (https://pip.pypa.io/en/stable/cli/pip_install/) and uv's `--python-platform`. */
import { insertion } from "../edit.ts";
import { hasOption, isAlone, operandsOf, optionOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, foreign, type Situation, tool, type Treatment } from "../treatment.ts";
import type { ShellWord } from "../../../shell/token.ts";
import { pythonOf, uv } from "./uv.ts";

const tools =
  /^(?:pip|setuptools|wheel|uv|poetry|pipenv|build|hatch|pdm|virtualenv)(?:[=<>~![].*)?$/;
const compiled =
  "Packages without a wheel for the target fail then, which is better than one of the builder's; they need a native node.";

export const python: Family = (program, situation) => {
  const called = moduleOf(program);
  const { name = "" } = called;
  if (/^pip[\d.]*$/.test(name)) return pip(called, situation);
  if (name === "uv") return uv(called, situation);
  if (name === "venv" || name === "virtualenv") {
    return {
      kind: "plain",
      why: "It lays out an environment, whose Python is a link to the image's.",
      ...venvOf(called, situation),
    };
  }
  if (/^(?:poetry|pipenv|pdm|conda|mamba|micromamba|hatch)$/.test(name)) {
    return foreign(`${name} installs packages for the machine that it runs on.`);
  }
  return undefined;
};

/** `python -m pip` is pip. */
function moduleOf(program: Program): Program {
  if (!/^python[\d.]*$/.test(program.name ?? "")) return program;
  const [option, name, ...args] = program.args;
  if (option?.text !== "-m" || name?.value === undefined) return program;
  return { ...program, name: name.value, word: name, args };
}

function venvOf(program: Program, situation: Situation): Pick<Treatment, "outputs"> {
  const path = pathOf(operandsOf(program).at(-1), situation);
  return path === undefined ? {} : { outputs: [{ path, isDirectory: true }] };
}

function pip(program: Program, situation: Situation): Treatment {
  const [verb = "", ...names] = operandsOf(program);
  if (/^(?:config|cache|check|list|freeze|--version|uninstall)$/.test(verb))
    return { kind: "plain", why: "It looks at what is installed.", outputs: [] };
  if (verb === "install" && names.length > 0 && names.every((name) => tools.test(name))) {
    return tool("It installs a tool, which is small.", situation);
  }
  if (verb !== "install" && verb !== "wheel" && verb !== "download")
    return foreign(`Nobody can say here what pip ${verb} does.`);
  const named = requirementsOf(program);
  if (verb === "install" && named.length > 0 && named.every((name) => isWheel(name))) {
    return tool("It unpacks wheels that are there already.", situation);
  }
  if (isFromSource(program, named))
    return foreign("It builds a package from its sources, and may compile C.");
  if (hasOption(program, "--platform"))
    return { kind: "neutral", why: "It says itself which machine it installs for." };
  const verbWord = program.args.find(({ text }) => text === verb);
  if (verbWord === undefined || !isAlone(program))
    return foreign("Nobody can say here what it installs.");
  return verb === "install"
    ? install(program, situation, verbWord)
    : wheels(program, situation, verbWord);
}

/** Options whose value stands in the word behind them. */
const withValue =
  /^(?:-[crwdtifb]|--(?:requirement|constraint|wheel-dir|dest|target|index-url|extra-index-url|find-links|prefix|root|cache-dir|trusted-host|timeout|retries|platform|python-version|implementation|abi|src|log|progress-bar|upgrade-strategy|group))$/;

/** What it is told to install by name. */
function requirementsOf({ args }: Program): readonly string[] {
  const names = args.filter(
    ({ text }, at) => !text.startsWith("-") && !withValue.test(args[at - 1]?.text ?? ""),
  );
  return names.slice(1).map(({ value, text }) => value ?? text);
}

function isWheel(name: string): boolean {
  return /\.whl$|wheel\w*\/\*$/.test(name) && !name.includes("://");
}

function isFromSource(program: Program, names: readonly string[]): boolean {
  const isLocal = names.some((name) => /^[./~]|:\/\/|^git\+|\.(?:zip|tar\.gz|whl)$|\$/.test(name));
  return isLocal || hasOption(program, "-e", "--editable", "--no-binary", "--no-deps-build");
}

/** `manylinux…` for glibc, `musllinux…` for musl (https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/). */
function platformFlags({ distribution }: Situation): string {
  const tags =
    distribution === "alpine"
      ? ["musllinux_1_1", "musllinux_1_2"]
      : ["manylinux2014", "manylinux_2_28"];
  return ` ${tags.map((tag) => `--platform "${tag}_$MACHINE"`).join(" ")} --only-binary=:all:`;
}

const crossing = {
  kind: "cross",
  why: "pip can fetch the wheels of another machine.",
  stage: "dependencies",
  variables: ["TARGETARCH"],
  vocabularies: ["machine"],
} as const;

function wheels(program: Program, situation: Situation, verb: ShellWord): Treatment {
  const directory = optionOf(
    program,
    "-w",
    "--wheel-dir",
    "-d",
    "--dest",
    "--destination-directory",
  );
  const path = pathOf(directory?.value, situation);
  if (path === undefined) return foreign("Nobody can say here where it leaves its wheels.");
  const option = program.args.find(({ text }) => /^(?:-w|--wheel-dir)(?:=|$)/.test(text));
  return {
    ...crossing,
    edits: [
      { start: verb.start, end: verb.end, text: `download${platformFlags(situation)}` },
      ...(option === undefined
        ? []
        : [
            {
              start: option.start,
              end: option.end,
              text: option.text.replace(/^(?:-w|--wheel-dir)/, "--dest"),
            },
          ]),
    ],
    caveat: compiled,
    outputs: [{ path, isDirectory: true }],
  };
}

/** pip installs for another machine into a directory that it is told; programs stand in `bin` of that. */
function install(program: Program, situation: Situation, verb: ShellWord): Treatment {
  const place = placeOf(program, situation);
  if (place === undefined && pythonOf(situation.image) !== undefined) {
    return foreign(
      "It installs among the packages of the Python that runs it.",
      "In a virtual environment that other stages copy it could run on $BUILDPLATFORM.",
    );
  }
  if (place === undefined) {
    return foreign(
      "It installs among the packages of the Python that runs it, and where that is cannot be read from the image's name.",
    );
  }
  const { packages, root, own } = place;
  const target = situation.isSplit && own === undefined ? "/dependencies" : packages;
  const isTarget = hasOption(program, "-t", "--target");
  const move = ` && mkdir -p ${root}/bin && if [ -d ${packages}/bin ]; then mv ${packages}/bin/* ${root}/bin/; fi`;
  const isMoved = !isTarget && target === packages;
  const outputs =
    target === "/dependencies"
      ? [
          { path: "/dependencies", isDirectory: true, to: packages },
          { path: "/dependencies/bin", isDirectory: true, to: `${root}/bin` },
        ]
      : [{ path: isTarget ? packages : root, isDirectory: true }];
  return {
    ...crossing,
    edits: [
      ...(own ?? []),
      insertion(verb.end, `${platformFlags(situation)}${isTarget ? "" : ` --target ${target}`}`),
      insertion(
        program.command.end,
        isMoved ? move : target === "/dependencies" ? " && mkdir -p /dependencies/bin" : "",
      ),
    ],
    caveat: compiled,
    outputs,
  };
}

interface Place {
  readonly packages: string;
  /** What `bin` stands in. */
  readonly root: string;
  /** Takes out what says so; undefined where nothing does. */
  readonly own?: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

function placeOf(program: Program, situation: Situation): Place | undefined {
  const target = optionOf(program, "-t", "--target");
  if (target !== undefined) {
    const path = pathOf(target.value, situation);
    return path === undefined ? undefined : { packages: path, root: path, own: [] };
  }
  const version = pythonOf(situation.image);
  if (version === undefined) return undefined;
  const within = (root: string) => `${root}/lib/python${version}/site-packages`;
  const prefix = optionOf(program, "--prefix");
  if (prefix !== undefined || hasOption(program, "--user")) {
    const root = prefix === undefined ? "/root/.local" : pathOf(prefix.value, situation);
    const own = program.args
      .filter(
        (word, at) =>
          /^--(?:user|prefix)(?:=|$)/.test(word.text) || program.args[at - 1]?.text === "--prefix",
      )
      .map(({ start, end }) => ({ start: start - 1, end, text: "" }));
    return root === undefined || situation.environment.has("HOME")
      ? undefined
      : { packages: within(root), root, own };
  }
  const environment = environmentOf(program, situation);
  if (environment === "unknown") return undefined;
  if (environment !== undefined)
    return { packages: within(environment), root: environment, own: [] };
  if (!situation.isSplit) return undefined;
  return { packages: within("/usr/local"), root: "/usr/local" };
}

/** With a variable that ENV has set in the place of its name. */
function filled(word: string, { environment }: Situation): string {
  return word.replace(/^\$\{?(\w+)\}?/, (whole, name: string) => environment.get(name) ?? whole);
}

/** The virtual environment whose pip it is. */
function environmentOf(program: Program, situation: Situation): string | undefined {
  const made = situation.earlier
    .map(moduleOf)
    .filter(({ name }) => name === "venv" || name === "virtualenv")
    .map((one) => pathOf(filled(operandsOf(one).at(-1) ?? "", situation), situation));
  if (made.length === 0) return undefined;
  const [only] = made;
  if (only === undefined || made.length > 1) return "unknown";
  const path = situation.environment.get("PATH") ?? "";
  const isOnPath =
    path.includes(`${only}/bin`) ||
    (/\$\{?VIRTUAL_ENV\}?\/bin/.test(path) && situation.environment.get("VIRTUAL_ENV") === only);
  const isCalled = program.command.words.some(({ text }) => text.startsWith(`${only}/bin/`));
  return isOnPath || isCalled ? only : "unknown";
}
