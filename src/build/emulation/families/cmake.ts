/** CMake: the compilers are told when it is configured (https://cmake.org/cmake/help/latest/manual/cmake-toolchains.7.html). */
import { insertion } from "../edit.ts";
import { hasOption, optionOf, type Program } from "../program.ts";
import type { Situation, Treatment } from "../treatment.ts";
import { build, crossing, installed, tests, toolchainOf, unknown } from "./c-toolchain.ts";

export function cmake(program: Program, situation: Situation): Treatment {
  const toolchain = toolchainOf(situation);
  if (
    toolchain === undefined ||
    hasOption(program, "-E", "-P", "--workflow") ||
    program.args.some(({ text }) =>
      /^-DCMAKE_(?:C|CXX)_COMPILER=|^-DCMAKE_TOOLCHAIN_FILE=/.test(text),
    )
  )
    return unknown;
  if (hasOption(program, "--install"))
    return installed(program, situation, toolchain, optionOf(program, "--prefix")?.value);
  if (hasOption(program, "--build")) {
    const targets = new Set(program.args.map(({ text }) => text));
    if (targets.has("test") || targets.has("check")) return tests;
    return targets.has("install")
      ? installed(program, situation, toolchain, undefined)
      : build(program, situation, []);
  }
  const crossbuild = ` -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=$MACHINE -DCMAKE_C_COMPILER=$TRIPLET-gcc -DCMAKE_CXX_COMPILER=$TRIPLET-g++`;
  const defines = toolchain === "xx" ? " $(xx-clang --print-cmake-defines)" : crossbuild;
  const crossed = crossing(toolchain, [insertion(program.word.end, defines)], []);
  return toolchain === "xx" ? crossed : { ...crossed, vocabularies: ["triplet", "machine"] };
}
