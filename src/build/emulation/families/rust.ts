/** Rust: cargo compiles for another machine with that one's linker, which xx-cargo brings (https://github.com/tonistiigi/xx#rust). */
import { insertion } from "../edit.ts";
import { hasOption, isAlone, operandsOf, optionOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, foreign, type Situation, tool, type Treatment, whole } from "../treatment.ts";

const why = "cargo compiles for another machine where it has that one's linker, which xx brings.";
const sources = {
  kind: "neutral",
  why: "Sources and their lists are the same for every machine.",
  outputs: [],
} as const;

export const rust: Family = (program, situation) => {
  if (program.name === "rustup") {
    return {
      kind: "neutral",
      why: "It installs compilers for the machine that builds.",
      outputs: [],
    };
  }
  if (program.name !== "cargo") return undefined;
  const [verb = "", next = ""] = operandsOf(program).filter((word) => !word.startsWith("+"));
  if (
    /^(?:fetch|vendor|update|init|new|metadata|generate-lockfile|clean|version|add|remove)$/.test(
      verb,
    )
  )
    return sources;
  if (verb === "chef" && next === "prepare") return { ...sources };
  if (verb === "install" || verb === "binstall") return install(program, situation, verb);
  if (
    verb === "build" ||
    verb === "b" ||
    verb === "rustc" ||
    (verb === "chef" && next === "cook")
  ) {
    return compile(program, situation, verb);
  }
  return foreign(`cargo ${verb} may run what it compiled for the target.`);
};

function compile(program: Program, situation: Situation, verb: string): Treatment {
  if (hasOption(program, "--target")) return withTarget(program, situation);
  if (
    situation.distribution === "other" ||
    !isAlone(program) ||
    hasOption(program, "--artifact-dir", "--out-dir")
  ) {
    return foreign("It compiles in a way for which no linker is known here.");
  }
  const own =
    optionOf(program, "--target-dir")?.value ??
    situation.environment.get("CARGO_TARGET_DIR") ??
    "target";
  const directory = /[\s"'$\\]/.test(own) ? undefined : own;
  const isDeep = [...situation.earlier, ...situation.later].some(({ args }) =>
    args.some(({ text }) =>
      /target\/[\w-]+\/(?:deps|build|examples|\.fingerprint|incremental)/.test(text),
    ),
  );
  if (isDeep) return foreign("Other commands reach into what cargo keeps for itself.");
  if (directory === undefined)
    return foreign("Nobody can say here where cargo puts what it compiles.");
  const profile = hasOption(program, "--release", "-r")
    ? "release"
    : (optionOf(program, "--profile")?.value ?? "debug");
  const made = `${directory}/${profile === "dev" ? "debug" : profile}`;
  // For another machine cargo puts it a directory deeper; what comes behind finds it where it was.
  const back = ` && mkdir -p ${made} && find ${directory}/$(xx-cargo --print-target-triple)/${made.slice(directory.length + 1)} -maxdepth 1 -type f -exec cp {} ${made}/ ${String.raw`\;`}`;
  const path = pathOf(made, situation);
  return {
    kind: "cross",
    why,
    stage: "build",
    toolchain: "xx",
    variables: ["TARGETPLATFORM"],
    edits: [
      { start: program.word.start, end: program.word.end, text: "xx-cargo" },
      ...(verb === "chef" ? [] : [insertion(program.command.end, back)]),
    ],
    ...(path === undefined || verb === "chef" ? {} : { outputs: [{ path, isDirectory: true }] }),
  };
}

/** A target of musl is linked by Rust's own linker. */
function withTarget(program: Program, situation: Situation): Treatment {
  const triple = optionOf(program, "--target")?.value ?? "";
  const machines: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };
  const machine = machines[situation.platform.architecture];
  const isOwn =
    machine !== undefined && triple.startsWith(`${machine}-`) && triple.endsWith("-linux-musl");
  if (!isOwn || situation.platforms.length > 1) {
    return foreign("It names the machine that it compiles for, whose linker nobody knows here.");
  }
  const variable = `CARGO_TARGET_${triple.toUpperCase().replaceAll("-", "_")}_LINKER`;
  const outputs = whole(situation);
  return {
    kind: "cross",
    why: "Rust links programs of musl with a linker of its own, for any machine.",
    stage: "build",
    edits: [insertion(program.word.start, `rustup target add ${triple} && ${variable}=rust-lld `)],
    caveat: "A crate that compiles C needs a compiler of C for the target as well (xx-cargo).",
    ...(outputs && { outputs }),
  };
}

const tools =
  /^(?:cargo-.+|sccache|trunk|wasm-(?:pack|bindgen-cli)|just|mdbook|bindgen-cli|cross|sqlx-cli|diesel_cli)(?:@.*)?$/;

function install(program: Program, situation: Situation, verb: string): Treatment {
  const bin = "/usr/local/cargo/bin";
  const root = optionOf(program, "--root")?.value;
  const path = root === undefined ? bin : pathOf(`${root}/bin`, situation);
  const isTool = operandsOf(program).some((word) => tools.test(word));
  const isWanted = situation.isSplit || path === undefined || situation.isCarriedOut(path);
  if (!isWanted || (isTool && !situation.isSplit)) {
    return tool("It installs a tool, which is small.", situation);
  }
  if (
    verb === "binstall" ||
    situation.distribution === "other" ||
    (situation.isSplit && root === undefined)
  ) {
    return foreign("It installs programs among those that the build needs itself.");
  }
  return {
    kind: "cross",
    why,
    stage: "build",
    toolchain: "xx",
    variables: ["TARGETPLATFORM"],
    edits: [{ start: program.word.start, end: program.word.end, text: "xx-cargo" }],
    ...(path === undefined ? {} : { outputs: [{ path, isDirectory: true }] }),
  };
}
