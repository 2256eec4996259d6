/** Meson: it wants a file that describes the target. */
import { insertion } from "../edit.ts";
import { hasOption, operandsOf, type Program } from "../program.ts";
import type { Situation, Treatment } from "../treatment.ts";
import { build, crossing, installed, tests, toolchainOf, unknown } from "./c-toolchain.ts";

/** The file of the target that meson wants is written where it is needed (https://mesonbuild.com/Cross-compilation.html). */
export function meson(program: Program, situation: Situation): Treatment {
  const [verb] = operandsOf(program);
  const toolchain = toolchainOf(situation);
  if (verb === "test") return tests;
  if (verb === "compile") return build(program, situation, []);
  if (verb === "install")
    return toolchain === undefined ? unknown : installed(program, situation, toolchain, undefined);
  if (toolchain !== "crossbuild" || verb === undefined || hasOption(program, "--cross-file"))
    return unknown;
  const file = String.raw`printf "[binaries]\nc = '$TRIPLET-gcc'\ncpp = '$TRIPLET-g++'\nar = '$TRIPLET-ar'\nstrip = '$TRIPLET-strip'\n[host_machine]\nsystem = 'linux'\ncpu_family = '$FAMILY'\ncpu = '$FAMILY'\nendian = 'little'\n" > /tmp/target.ini`;
  const verbWord = program.args.find(({ text }) => text === "setup") ?? program.word;
  const edits = [insertion(verbWord.end, " --cross-file /tmp/target.ini")];
  return {
    ...crossing(toolchain, edits, []),
    preparations: [file],
    vocabularies: ["triplet", "family"],
  };
}
