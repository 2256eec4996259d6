/** The image itself is built upon another machine's base. */
import { formatPlatform } from "../../platform/platform.ts";
import { runsOn } from "../machine.ts";
import type { Rule } from "./rule.ts";

export const r3: Rule = {
  id: "R3",
  title: "The image is built upon a base of another platform",
  what: "The `--platform` of the stage that the image consists of, or of one that it is built upon: `$BUILDPLATFORM` and a fixed platform whose programs do not run on the one that is built for.",
  why: "`--platform=$BUILDPLATFORM` belongs to stages that only make files for others. In the last stage the base, and every program in it, is of the machine that builds: the image is labelled for one platform and holds another.",
  bad: 'FROM --platform=$BUILDPLATFORM alpine\nCOPY app /app\nCMD ["/app"]',
  good: 'FROM alpine\nCOPY app /app\nCMD ["/app"]',
  failure: "exec /bin/sh: exec format error",
  blind:
    "A platform that comes from a variable without a value; a base by the digest of one platform's manifest (R9). A last stage on `$BUILDPLATFORM` that says neither CMD nor ENTRYPOINT may only test, or make files for `--output`: of that it only warns. Name the stage that is the image with `--target`.",
  check({ stages, target }) {
    const first = stages.find(({ isImage, resolved }) => isImage && resolved.base.kind !== "stage");
    const flag = first?.resolved.stage.platform;
    if (first?.platform === undefined || flag === undefined) return [];
    if (first.resolved.base.kind === "scratch" || runsOn(first.platform, target)) return [];
    const isBuilders = flag.value?.includes("BUILD") === true;
    // What neither starts may be there for its tests or its files alone.
    const isStarted = stages
      .filter(({ isImage }) => isImage)
      .some(({ steps }) => steps.some(({ instruction }) => starting.has(instruction.keyword)));
    const [own, wanted] = [formatPlatform(first.platform), formatPlatform(target)];
    return [
      {
        severity: isBuilders && !isStarted ? "warning" : "error",
        range: flag.range,
        message: `Built for ${wanted}, the image consists of programs for ${own}${isBuilders ? " where that is the machine that builds" : ""}.`,
        failure: "exec format error",
        hint: "Leave --platform out of the stage that the image consists of.",
      },
    ];
  },
};

const starting: ReadonlySet<string> = new Set(["CMD", "ENTRYPOINT"]);
