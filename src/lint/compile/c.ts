/** C and C++: compilers that carry their machine in their name, `--target` of clang and zig, `--host` of configure scripts, CMake. */
import { valueOf } from "../../shell/value.ts";
import { operandsOf, optionOf, type Program } from "../program.ts";
import type { Compiling, CompilerReader, Told } from "./compile.ts";
import { toldByOption } from "./told.ts";

const remedy =
  "a cross compiler for the target, such as xx-clang of tonistiigi/xx, or a stage without --platform";

export const cFamily: CompilerReader = (program) => {
  const { name } = program;
  const [, prefix, compiler] =
    /^(?:([\w.-]+)-)?(gcc|g\+\+|cc|c\+\+|clang|clang\+\+|as|ld)(?:-\d+)?$/.exec(name) ?? [];
  if (name === "zig") return zig(program);
  if (name === "configure" || name === "Configure") {
    return compiling(toldByOption(program, "--host"), false, ["."]);
  }
  if (name === "cmake") return cmake(program);
  if (compiler === undefined || prefix === "xx" || prefix === "musl") return undefined;
  const output = optionOf(program, "-o")?.text;
  const told =
    prefix === undefined ? toldByOption(program, "--target", "-target") : byName(program, prefix);
  if (operandsOf(program).length === 0) return undefined;
  return compiling(told, true, [output ?? "a.out"]);
};

function byName(program: Program, prefix: string): Told {
  const { asked } = valueOf(program.word);
  return { text: prefix, range: program.rangeOf(program.word), asked };
}

function zig(program: Program): Compiling | undefined {
  const [verb] = operandsOf(program);
  if (verb?.text === "build") {
    const told = toldByOption(program, "-Dtarget");
    return compiling(told, true, [optionOf(program, "--prefix", "-p")?.text ?? "zig-out"]);
  }
  if (!["cc", "c++", "build-exe", "build-lib"].includes(verb?.text ?? "")) return undefined;
  return compiling(toldByOption(program, "-target", "--target"), true, [
    optionOf(program, "-o")?.text ?? ".",
  ]);
}

/** Toolchain files say it as well, and are not read. */
function cmake(program: Program): Compiling | undefined {
  const told = toldByOption(program, "-DCMAKE_SYSTEM_PROCESSOR");
  return told === undefined
    ? undefined
    : compiling(told, false, [optionOf(program, "-B")?.text ?? "."]);
}

function compiling(
  told: Told | undefined,
  isNativeElse: boolean,
  outputs: readonly string[],
): Compiling {
  return { tool: "the C compiler", told, isNativeElse, remedy, outputs };
}
