/** `--platform` before an earlier stage's name changes nothing. */
import { isUnresolved } from "../../dockerfile/base.ts";
import { chainOf } from "../../dockerfile/lineage.ts";
import { expandIn } from "../../dockerfile/scope.ts";
import { formatPlatform, readPlatform, samePlatform } from "../../platform/platform.ts";
import type { Rule } from "./rule.ts";

export const r6: Rule = {
  id: "R6",
  title: "--platform before an earlier stage is ignored",
  what: "`FROM --platform=X stage`, where `stage` is one of the file's own and runs on another platform than X. Where X is `$BUILDPLATFORM` and the stage is of the platform that is built for it is a warning: then the stage is only slow.",
  why: "A stage has the platform of its own base. BuildKit passes over the `--platform` of a `FROM` that continues one, without a word: whoever wrote it counts on a platform that the stage does not have.",
  bad: "FROM --platform=$BUILDPLATFORM golang AS base\nFROM --platform=$TARGETPLATFORM base AS run\nRUN go build -o /app .",
  good: "FROM golang AS run\nRUN go build -o /app .",
  failure: "exec /app: exec format error",
  blind: "A platform that comes from a variable without a value; stages that begin with scratch.",
  check({ dockerfile, globals, stages, target, lineage }) {
    return stages.flatMap(({ resolved }) => {
      const { platform: flag, name, image } = resolved.stage;
      if (flag === undefined || resolved.base.kind !== "stage" || isUnresolved(resolved.platform))
        return [];
      // Nothing runs upon scratch, so that its platform is nobody's.
      if (chainOf(resolved, lineage)[0]?.base.kind === "scratch") return [];
      const { text } = expandIn(globals, flag.value ?? "", dockerfile);
      const written = readPlatform(text);
      if (written === undefined || samePlatform(written, resolved.platform)) return [];
      const [own, asked] = [formatPlatform(resolved.platform), formatPlatform(written)];
      // Asked for to be quick, and made for the target all the same.
      const isSlow =
        samePlatform(resolved.platform, target) && (flag.value ?? "").includes("BUILDPLATFORM");
      return [
        {
          severity: isSlow ? "warning" : "error",
          range: flag.range,
          message: `Built for ${formatPlatform(target)}, the stage ${name ?? resolved.index} runs on ${own}, the platform of ${image.text}, and not on ${asked}: BuildKit ignores --platform before an earlier stage.${isSlow ? " Its commands are emulated." : ""}`,
          ...(isSlow ? {} : { failure: "exec format error" }),
          hint: `Give ${image.text} that platform, or begin with an image of it.`,
        } as const,
      ];
    });
  },
};
