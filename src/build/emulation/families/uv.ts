/** uv: it installs for another machine by `--python-platform` (https://docs.astral.sh/uv/reference/cli/#uv-sync). */
import { insertion } from "../edit.ts";
import { hasOption, operandsOf, optionOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { foreign, type Situation, type Treatment } from "../treatment.ts";

export function uv(program: Program, situation: Situation): Treatment {
  const [verb = "", next = ""] = operandsOf(program);
  if (/^(?:venv|cache|lock|export|--version|version|init)$/.test(verb)) {
    return {
      kind: "plain",
      why: "It writes lists and links.",
      outputs:
        verb === "venv"
          ? [{ path: pathOf(next || ".venv", situation) ?? "/", isDirectory: true }]
          : [],
    };
  }
  const isPip = verb === "pip" && (next === "install" || next === "sync");
  if (verb !== "sync" && !isPip)
    return foreign(`uv ${verb} may run or compile something for the machine that it runs on.`);
  if (hasOption(program, "--python-platform"))
    return { kind: "neutral", why: "It says itself which machine it installs for." };
  // A Python that uv has fetched itself would be the builder's.
  if (pythonOf(situation.image) === undefined && !/(?:^|\/)uv:python3/.test(situation.image)) {
    return foreign("It may bring a Python of the machine that it runs on.");
  }
  if (isPip && hasOption(program, "--system"))
    return foreign("It installs among the packages of the Python of its own image.");
  const word = program.args.find(({ text }) => text === (isPip ? next : verb));
  const own = situation.environment.get("UV_PROJECT_ENVIRONMENT") ?? ".venv";
  const path = isPip
    ? pathOf(optionOf(program, "--target", "--prefix")?.value, situation)
    : pathOf(own, situation);
  if (word === undefined) return foreign("Nobody can say here what it installs.");
  const libc = situation.distribution === "alpine" ? "musl" : "gnu";
  return {
    kind: "cross",
    why: "uv can install the wheels of another machine.",
    stage: "dependencies",
    edits: [insertion(word.end, ` --python-platform "$MACHINE-unknown-linux-${libc}"`)],
    variables: ["TARGETARCH"],
    vocabularies: ["machine"],
    caveat:
      "A package without a wheel for the target is compiled for the builder; transship build refutes an image that has one.",
    ...(path === undefined ? {} : { outputs: [{ path, isDirectory: true }] }),
  };
}

/** `3.13` of `python:3.13-slim`. */
export function pythonOf(image: string): string | undefined {
  return /(?:^|\/)python:(3\.\d+)(?:[.-]|$)/.exec(image)?.[1];
}
