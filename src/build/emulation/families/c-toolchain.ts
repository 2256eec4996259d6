/** Which compilers of C for other machines there are for a stage, and what they are called. */
import { type Edit, insertion } from "../edit.ts";
import { hasOption, operandsOf, optionOf, type Program } from "../program.ts";
import {
  foreign,
  type Output,
  type Situation,
  type Toolchain,
  type Treatment,
  whole,
} from "../treatment.ts";
import { librariesOf } from "./packages.ts";

/** What each toolchain calls its programs, in the shell. */
export const names = {
  crossbuild: { cc: "$TRIPLET-gcc", "c++": "$TRIPLET-g++", host: "$TRIPLET" },
  xx: { cc: "xx-clang", "c++": "xx-clang++", host: "$(xx-clang --print-target-triple)" },
} as const;

const whys = {
  crossbuild: "Debian's compilers of C for other machines make the same programs natively.",
  xx: "clang compiles for any machine, with the target's libraries that xx installs.",
} as const;

/** xx where the target's libraries are needed as well, or where only clang is there to compile. */
export function toolchainOf(situation: Situation): Toolchain | undefined {
  const { distribution, earlier } = situation;
  if (distribution === "other") return undefined;
  const usesClang = earlier.some(({ name }) => name?.startsWith("clang") === true);
  const isPlain = distribution === "debian" && librariesOf(earlier).length === 0 && !usesClang;
  return isPlain ? "crossbuild" : "xx";
}

export function hasRun(programs: readonly Program[], ...wanted: readonly string[]): boolean {
  return programs.some(({ name = "" }) => wanted.includes(name));
}

export const unknown = foreign(
  "It compiles C, and no compiler for another machine is known on this image.",
);

export function crossing(
  toolchain: Toolchain,
  edits: readonly Edit[],
  outputs: readonly Output[] | undefined,
): Treatment {
  const known = {
    kind: "cross",
    why: whys[toolchain],
    stage: "build",
    toolchain,
    edits,
    ...(outputs && { outputs }),
  } as const;
  // xx asks for the platform whenever it compiles, Debian's compilers are called by their names.
  if (toolchain === "xx") return { ...known, variables: ["TARGETPLATFORM"] };
  const isNamed = edits.some(({ text }) => text.includes("$TRIPLET"));
  return isNamed ? { ...known, variables: ["TARGETARCH"], vocabularies: ["triplet"] } : known;
}

export const tests = foreign(
  "It runs what it compiled, which only the target's machine or an emulator can.",
);

/** What a build system makes, once it was told of the compilers. */
export function build(program: Program, situation: Situation, edits: readonly Edit[]): Treatment {
  const toolchain = toolchainOf(situation);
  if (toolchain === undefined) return unknown;
  const isFollowed = [...situation.later].some(
    ({ args, name = "" }) =>
      /^(?:make|ninja|cmake|meson)$/.test(name) &&
      args.some(({ text }) => /^(?:--)?install/.test(text)),
  );
  const doubt =
    edits.length > 0
      ? "It holds where the Makefile compiles with $(CC) and $(CXX) and runs nothing of what it made."
      : undefined;
  const crossed = crossing(toolchain, edits, isFollowed ? [] : whole(situation));
  return doubt === undefined ? crossed : { ...crossed, caveat: doubt };
}

/** Into a directory of its own where the stage is part of the image, so that nothing of the builder's is copied with it. */
export function installed(
  program: Program,
  situation: Situation,
  toolchain: Toolchain,
  given: string | undefined,
  edits: readonly Edit[] = [],
): Treatment {
  const prefix = given ?? prefixOf(situation);
  const isMake = program.name === "make" || program.name === "gmake";
  if (!situation.isSplit)
    return crossing(
      toolchain,
      edits,
      prefix === undefined ? undefined : [{ path: prefix, isDirectory: true }],
    );
  if (
    prefix === undefined ||
    !prefix.startsWith("/") ||
    program.args.some(({ text }) => text.startsWith("DESTDIR="))
  ) {
    return { ...crossing(toolchain, edits, undefined) };
  }
  const outputs = [{ path: `/out${prefix}`, isDirectory: true, to: prefix }];
  const into = isMake
    ? insertion(program.command.end, " DESTDIR=/out")
    : insertion(program.word.start, "DESTDIR=/out ");
  return {
    ...crossing(toolchain, [...edits, into], outputs),
    caveat: "Shared libraries among it are found only after a RUN ldconfig in the image.",
  };
}

/** /usr/local where nothing else is said; undefined where that cannot be read. */
function prefixOf({ earlier }: Situation): string | undefined {
  const configured = earlier.findLast(
    (one) => /^(?:configure|cmake|meson)$/.test(one.name ?? "") && isConfiguring(one),
  );
  const option = configured && optionOf(configured, "--prefix", "-DCMAKE_INSTALL_PREFIX");
  const isMakeAlone = configured === undefined;
  if (isMakeAlone) return undefined;
  return option === undefined ? "/usr/local" : option.value;
}

/** Neither building nor installing what was configured before. */
function isConfiguring(program: Program): boolean {
  const [verb = ""] = operandsOf(program);
  if (program.name === "meson") return !/^(?:compile|install|test)$/.test(verb);
  return !hasOption(program, "--build", "--install");
}
