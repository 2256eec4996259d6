/** .NET: the SDK publishes for another machine with `-a` (https://learn.microsoft.com/dotnet/core/tools/dotnet-publish). */
import { insertion } from "../edit.ts";
import { hasOption, operandsOf, optionOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, foreign, type Situation, type Treatment, whole } from "../treatment.ts";

export const dotnet: Family = (program, situation) => {
  if (program.name !== "dotnet") return undefined;
  const [verb = ""] = operandsOf(program);
  if (program.args.some(({ text }) => /PublishAot|PublishReadyToRun/i.test(text))) {
    return foreign(
      "It compiles to the code of the machine, for which .NET wants that machine's linker.",
    );
  }
  if (verb === "restore" || verb === "publish") return crossing(program, situation, verb);
  if (verb === "build") {
    const outputs = whole(situation);
    return {
      kind: "neutral",
      why: "The code of .NET is the same for every machine.",
      stage: "build",
      ...(outputs && { outputs }),
    };
  }
  if (/^(?:test|clean|tool|workload|nuget|new|--version|--info)$/.test(verb)) {
    return { kind: "neutral", why: "The machine that builds does it natively.", outputs: [] };
  }
  return foreign(`Nobody can say here what dotnet ${verb} does for another machine.`);
};

function crossing(program: Program, situation: Situation, verb: "restore" | "publish"): Treatment {
  if (hasOption(program, "--no-build")) {
    return foreign("It publishes what was built before, and that was not built for the target.");
  }
  const outputs = verb === "restore" ? [] : published(program, situation);
  const known = {
    kind: "cross",
    why: "The SDK publishes for any machine.",
    stage: "build",
    ...(outputs && { outputs }),
  } as const;
  if (hasOption(program, "-a", "--arch", "-r", "--runtime", "--os")) return known;
  const isOld = /sdk:[1-7](?:\.|-|$)/.test(situation.image);
  return {
    ...known,
    edits: [
      insertion(
        program.command.words.at(-1)?.end ?? program.command.end,
        isOld ? ' -a "$CPU"' : ' -a "$TARGETARCH"',
      ),
    ],
    variables: ["TARGETARCH"],
    ...(isOld ? { vocabularies: ["node"] } : {}),
    caveat: isOld
      ? "SDKs before 8 make it self-contained with -a, unless --no-self-contained is said."
      : "NuGet packages with native parts must carry those of the target.",
  };
}

function published(program: Program, situation: Situation): Treatment["outputs"] {
  const option = optionOf(program, "-o", "--output");
  if (option === undefined) return whole(situation);
  const path = pathOf(option.value, situation);
  return path === undefined ? undefined : [{ path, isDirectory: true }];
}
