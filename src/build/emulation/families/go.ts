/** Go: its compiler makes programs for any machine, as GOOS and GOARCH say (https://go.dev/doc/install/source#environment). */
import type { Edit } from "../edit.ts";
import { insertion } from "../edit.ts";
import {
  assignmentOf,
  hasOption,
  isAlone,
  operandsOf,
  optionOf,
  type Program,
} from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, foreign, type Situation, tool, type Treatment, whole } from "../treatment.ts";
import { bringsCompiler, librariesOf } from "./packages.ts";

const why = "Go compiles for any machine on any machine.";

export const go: Family = (program, situation) => {
  const { name } = program;
  const [verb = ""] = operandsOf(program);
  if (name === "make" && isGoImage(situation))
    return compile(program, situation, whole(situation), makefile);
  if (name !== "go") return undefined;
  if (verb === "build") return compile(program, situation, builtBy(program, situation));
  if (verb === "install") return install(program, situation);
  if (verb === "test" || verb === "run" || verb === "generate") {
    return {
      kind: "neutral",
      why: "go " + verb + " runs Go programs, which the machine that builds does natively.",
      ...(verb === "test"
        ? {
            outputs: [],
            caveat: "The tests then run on the machine that builds, and not for the target.",
          }
        : verb === "generate"
          ? {}
          : {}),
    };
  }
  if (/^(?:mod|get|env|version|clean|fmt|vet|list|work|telemetry)$/.test(verb)) {
    return {
      kind: "neutral",
      why: "Go's sources are the same for every machine.",
      outputs: [],
    };
  }
  return foreign(`Nobody can say here what go ${verb} does for another machine.`);
};

const makefile =
  "It holds where the Makefile leaves GOOS, GOARCH and CGO_ENABLED to the environment.";

function isGoImage({ image }: Situation): boolean {
  return /(?:^|\/)golang(?::|@|$)/.test(image);
}

function compile(
  program: Program,
  situation: Situation,
  outputs: Treatment["outputs"],
  doubt?: string,
): Treatment {
  const known = { kind: "cross", why, stage: "build", ...(outputs && { outputs }) } as const;
  if (usesC(program, situation)) {
    if (situation.distribution === "other" || program.name !== "go") {
      return foreign(
        "It compiles C beside Go (cgo), for which no compiler is known on this image.",
      );
    }
    return {
      ...known,
      why: "With cgo Go needs a compiler of C for the target, which xx brings.",
      edits: [
        ...withoutOwn(program),
        insertion(program.word.start, cgo(program)),
        { start: program.word.start, end: program.word.end, text: "xx-go" },
      ],
      variables: ["TARGETPLATFORM"],
      toolchain: "xx",
    };
  }
  const isSaid = settingOf(program, situation, "CGO_ENABLED") !== undefined;
  const arm = situation.platforms.some(({ architecture }) => architecture === "arm");
  const setting = [
    ...(isSaid ? [] : ["CGO_ENABLED=0"]),
    "GOOS=$TARGETOS",
    "GOARCH=$TARGETARCH",
    ...(arm ? ["GOARM=${TARGETVARIANT#v}"] : []),
  ];
  const caveat = [
    ...(isSaid
      ? []
      : [
          "CGO_ENABLED=0 leaves out what needs C; if the program uses cgo (sqlite3, for one), it takes a compiler of C for the target instead.",
        ]),
    ...(doubt === undefined ? [] : [doubt]),
  ].join(" ");
  return {
    ...known,
    edits: [...withoutOwn(program), insertion(program.word.start, `${setting.join(" ")} `)],
    variables: ["TARGETOS", "TARGETARCH", ...(arm ? (["TARGETVARIANT"] as const) : [])],
    ...(caveat === "" ? {} : { caveat }),
  };
}

function cgo(program: Program): string {
  return assignmentOf(program, "CGO_ENABLED") === undefined ? "CGO_ENABLED=1 " : "";
}

/** What the command itself sets is taken out: only one value can hold. */
function withoutOwn(program: Program): readonly Edit[] {
  return ["GOOS", "GOARCH", "GOARM"].flatMap((name) => {
    const own = assignmentOf(program, name);
    return own === undefined ? [] : [{ start: own.start, end: own.end + 1, text: "" }];
  });
}

function settingOf(program: Program, { environment }: Situation, name: string): string | undefined {
  return assignmentOf(program, name)?.text.slice(name.length + 1) ?? environment.get(name);
}

function usesC(program: Program, situation: Situation): boolean {
  const setting = settingOf(program, situation, "CGO_ENABLED")?.replaceAll(/['"]/g, "");
  if (setting !== undefined) return setting !== "0";
  const asks =
    hasOption(program, "-race", "-msan") ||
    /static|c-shared|c-archive/.test(program.args.map(({ text }) => text).join(" "));
  return asks || bringsCompiler(situation.earlier) || librariesOf(situation.earlier).length > 0;
}

function builtBy(program: Program, situation: Situation): Treatment["outputs"] {
  const option = optionOf(program, "-o");
  if (option === undefined) return whole(situation);
  const path = pathOf(option.value, situation);
  return path === undefined
    ? undefined
    : [{ path, isDirectory: option.value?.endsWith("/") === true }];
}

/** For another machine it installs into a directory of that machine's name, and the other stages copy from bin itself. */
function install(program: Program, situation: Situation): Treatment {
  const bin = "/go/bin";
  if (!situation.isSplit && !situation.isCarriedOut(bin)) {
    return tool("It installs a tool, which is small.", situation);
  }
  if (
    !isGoImage(situation) ||
    settingOf(program, situation, "GOBIN") !== undefined ||
    !isAlone(program)
  ) {
    return foreign(
      "go install puts programs for another machine elsewhere, and nobody can say here where to.",
    );
  }
  const compiled = compile(program, situation, [{ path: bin, isDirectory: true }]);
  if (compiled.kind !== "cross") return compiled;
  const own = '"/go/bin/${TARGETOS}_$TARGETARCH"';
  const move = ` && if [ -d ${own} ]; then mv ${own}/* ${bin}/; fi`;
  return {
    ...compiled,
    variables: [...new Set([...(compiled.variables ?? []), "TARGETOS", "TARGETARCH"] as const)],
    edits: [...(compiled.edits ?? []), insertion(program.command.end, move)],
  };
}
