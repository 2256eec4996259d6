/** The processor has what the program is compiled for. */
import type { Rule } from "./rule.ts";

export const cpuLevel: Rule = {
  id: "cpu-level",
  title: "The program needs a newer processor than the platform or --cpu names",
  what: "Compares the x86-64 level in the GNU property note (`GNU_PROPERTY_X86_ISA_1_NEEDED`), GOAMD64 and GOARM in Go's build information and `.ARM.attributes` with `--cpu` and the variant of the platform. No note means unknown.",
  why: "glibc ends it: `CPU ISA level is lower than required`; Go: `This program can only be run on AMD64 processors with v3 microarchitecture support.`; others die of an illegal instruction.",
  example: "RUN GOAMD64=v3 go build",
  fix: "Compile for the level that the servers have (GOAMD64=v1, -march=x86-64-v2), or name theirs: --cpu x86-64-v3",
};
