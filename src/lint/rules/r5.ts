/** A program is run on the machine that builds, and is the target's. */
import { chainOf } from "../../dockerfile/lineage.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { type Arrival, foreignProgramsIn, type Running } from "../foreign-program.ts";
import { mayRunOn } from "../machine.ts";
import type { StageView, TargetView } from "../view.ts";
import type { Finding, Rule } from "./rule.ts";

export const r5: Rule = {
  id: "R5",
  title: "A program for the target is run on the machine that builds",
  what: "`COPY --from=image` and `RUN --mount=from=image` in a stage with `--platform=$BUILDPLATFORM` (or a fixed platform that is not the target's), where this stage, or one that is built upon it, then runs what came so; also by a stage of the target's platform that is nothing but `FROM image AS name`.",
  why: "BuildKit pulls an image that `--from` names for the platform that is built for, whatever the platform of the stage that copies from it. The program then is the target's and the machine is not. With an emulator it runs, slowly, as long as it needs no loader or library of its own platform: `Could not open '/lib/ld-linux-aarch64.so.1'`; and what it asks its own architecture for, such as a Python to download, is the target's as well.",
  bad: "FROM --platform=$BUILDPLATFORM python:3.13 AS build\nCOPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv\nWORKDIR /app\nCOPY . .\nRUN uv export --frozen --output-file /requirements.txt\n\nFROM python:3.13\nCOPY --from=build /requirements.txt /requirements.txt\nRUN pip install -r /requirements.txt",
  good: "FROM --platform=$BUILDPLATFORM ghcr.io/astral-sh/uv:0.9 AS uv\n\nFROM --platform=$BUILDPLATFORM python:3.13 AS build\nCOPY --from=uv /uv /usr/local/bin/uv\nWORKDIR /app\nCOPY . .\nRUN uv export --frozen --output-file /requirements.txt\n\nFROM python:3.13\nCOPY --from=build /requirements.txt /requirements.txt\nRUN pip install -r /requirements.txt",
  failure: "/bin/sh: 1: uv: Exec format error",
  blind:
    "Programs that a script, a Makefile or another program starts; those that are copied by a pattern (`/usr/bin/*`), that are moved after they were copied, or that lie in a directory that was copied as a whole, unless they have the image's or the directory's name or are run by a path with `bin` in it; images that hold scripts and no machine's code (tonistiigi/xx, Composer, mlocati/php-extension-installer, Maven, Gradle, Bats), files whose ending or name says that they are scripts (`.sh`, npm, gcloud), images whose name says an architecture, and images that a build context takes the place of. A 32-bit program on its 64-bit machine is taken to run.",
  check(view) {
    return view.stages.flatMap((stage) => {
      const { platform } = stage;
      // The image itself on another platform is another rule's.
      if (platform === undefined || stage.isImage || mayRunOn(view.target, platform)) return [];
      const running = foreignProgramsIn(stage, view);
      return firstOfEach(running).map((one) => findingOf(one, platform, stage, view));
    });
  },
};

/** One of each flag: the first that is run for certain, or the first. */
function firstOfEach(running: readonly Running[]): readonly Running[] {
  const byFlag = Map.groupBy(running, ({ arrival }) => arrival.range);
  return [...byFlag.values()].flatMap(
    (all) => all.find(({ program }) => program.isCertain) ?? all[0] ?? [],
  );
}

function findingOf(
  { arrival, program }: Running,
  platform: Platform,
  stage: StageView,
  view: TargetView,
): Finding {
  const [own, wanted] = [formatPlatform(platform), formatPlatform(view.target)];
  const { line } = program.rangeOf(program.word);
  const { range, image, isPinned, alias } = arrival;
  const what =
    alias === undefined
      ? `${image} is pulled for ${wanted}, whatever the stage's platform`
      : `the stage ${alias} is ${image} for ${wanted}`;
  return {
    severity: program.isCertain && !isPinned ? "error" : "warning",
    range,
    message: `Built for ${wanted}, ${what}, and line ${line} runs its ${program.name} on ${own}.`,
    failure: "exec format error",
    hint: hintFor(arrival, stage, view),
  };
}

function hintFor(
  { image, repository, alias }: Arrival,
  { resolved }: StageView,
  { lineage }: TargetView,
): string {
  const [first] = chainOf(resolved, lineage);
  const platform = first?.stage.platform?.value ?? "$BUILDPLATFORM";
  const name = alias ?? repository.split("/").at(-1) ?? "tool";
  const stage = `FROM --platform=${platform} ${image} AS ${name}`;
  return alias === undefined
    ? `Copy it from a stage of its own, ${stage}, with from=${name}`
    : `Give that stage the machine's platform: ${stage}`;
}
