/** C and C++: a compiler for the target, Debian's (crossbuild-essential) or clang with xx, and each build system told of it. */
import { insertion } from "../edit.ts";
import { assignmentOf, hasOption, operandsOf, optionOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, foreign, type Situation, type Treatment, whole } from "../treatment.ts";
import {
  build,
  crossing,
  hasRun,
  installed,
  names,
  tests,
  toolchainOf,
  unknown,
} from "./c-toolchain.ts";
import { cmake } from "./cmake.ts";
import { meson } from "./meson.ts";

const compilers: Readonly<Record<string, "cc" | "c++">> = {
  cc: "cc",
  gcc: "cc",
  clang: "cc",
  "c++": "c++",
  "g++": "c++",
  "clang++": "c++",
};
export const c: Family = (program, situation) => {
  const { name = "" } = program;
  const compiler = compilers[name];
  if (compiler !== undefined) return compile(program, situation, compiler);
  if (name === "configure") return configure(program, situation);
  if (name === "cmake") return cmake(program, situation);
  if (name === "meson") return meson(program, situation);
  if (name === "ninja" || name === "samu")
    return hasRun(situation.earlier, "cmake", "meson") ? build(program, situation, []) : undefined;
  if (name === "make" || name === "gmake") return make(program, situation);
  if (name === "strip") return strip(program, situation);
  if (/^(?:autoreconf|autoconf|automake|aclocal|libtoolize|autogen\.sh|autoheader)$/.test(name)) {
    return {
      kind: "neutral",
      why: "It writes scripts, which are the same for every machine.",
      outputs: [],
    };
  }
  return undefined;
};

function compile(program: Program, situation: Situation, compiler: "cc" | "c++"): Treatment {
  const isClang = program.name?.startsWith("clang") === true;
  const chosen = toolchainOf(situation);
  const toolchain = chosen !== undefined && isClang ? "xx" : chosen;
  if (
    toolchain === undefined ||
    program.args.some(({ text }) => /^-m(?:arch=|cpu=|tune=|32$|64$)/.test(text))
  )
    return unknown;
  const own = optionOf(program, "-o");
  const path = own === undefined ? pathOf("a.out", situation) : pathOf(own.value, situation);
  const outputs = hasOption(program, "-c")
    ? whole(situation)
    : path && [{ path, isDirectory: false }];
  const { start, end } = program.word;
  const crossed = crossing(
    toolchain,
    [{ start, end, text: names[toolchain][compiler] }],
    outputs || undefined,
  );
  return crossed;
}

function configure(program: Program, situation: Situation): Treatment {
  const toolchain = toolchainOf(situation);
  if (toolchain === undefined) return unknown;
  const host = ` --host=${names[toolchain].host}`;
  const compiler =
    toolchain === "xx" && assignmentOf(program, "CC") === undefined
      ? "CC=xx-clang CXX=xx-clang++ "
      : "";
  const edits = hasOption(program, "--host")
    ? []
    : [insertion(program.word.start, compiler), insertion(program.word.end, host)];
  return crossing(toolchain, edits, []);
}

function make(program: Program, situation: Situation): Treatment {
  const toolchain = toolchainOf(situation);
  if (toolchain === undefined) return unknown;
  const goals = operandsOf(program).filter(
    (word) => !word.includes("=") && !/^\d+$/.test(word) && !word.startsWith("$"),
  );
  if (goals.some((goal) => /test|check|run|bench/.test(goal))) return tests;
  const own = program.args.find(({ text }) => /^(?:CC|CXX|HOSTCC|CROSS_COMPILE)=/.test(text));
  if (own !== undefined || assignmentOf(program, "CC") !== undefined) return unknown;
  const setting = ` CC=${names[toolchain].cc} CXX=${names[toolchain]["c++"]}${toolchain === "crossbuild" ? " AR=$TRIPLET-ar" : ""}`;
  // What configure found is in the Makefile, flags of the compiler included.
  const isConfigured = hasRun(situation.earlier, "configure");
  const edits = isConfigured ? [] : [insertion(program.word.end, setting)];
  if (!goals.some((goal) => goal.startsWith("install"))) return build(program, situation, edits);
  const prefix = program.args
    .find(({ text }) => /^(?:PREFIX|prefix)=/.test(text))
    ?.value?.replace(/^\w+=/, "");
  return installed(program, situation, toolchain, prefix, edits);
}

/** Only the target's own tools can take symbols out of its programs. */
function strip(program: Program, situation: Situation): Treatment {
  if (toolchainOf(situation) !== "crossbuild")
    return foreign("strip knows programs of its own machine only.");
  const { start, end } = program.word;
  return crossing("crossbuild", [{ start, end, text: "$TRIPLET-strip" }], []);
}
