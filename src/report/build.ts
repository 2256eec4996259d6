/** The result of `build`, for people and for machines. */
import type { BuildResult } from "../build/build.ts";
import type { LoadedImage } from "../build/load.ts";
import { formatSize } from "../oci/size.ts";
import type { Style } from "./style.ts";
import { platformLines } from "./verify.ts";

/** Each platform with its verdict, then where the image went, then what to type next. */
export function buildText(result: BuildResult, style: Style): string {
  if (result.outcome === "planned") return "Nothing was built (--dry-run).";
  const platforms = result.platforms.flatMap((one) => {
    const [first = "", ...rest] = platformLines(one, style);
    return [`${first}, built on a machine that runs it ${nativeWords[one.execution]}`, ...rest];
  });
  const { pushed } = result;
  return [
    ...platforms,
    ...result.loaded.map((one) => loadedLine(one, style)),
    ...(pushed === undefined
      ? []
      : [
          `Pushed ${style("bold", pushed.reference)}: ${formatSize(pushed.bytesSent)} sent, ${formatSize(pushed.bytesPresent)} were there`,
        ]),
    conclusion(result, style),
  ].join("\n");
}

const nativeWords = { native: "natively", emulated: "emulated" } as const;

function loadedLine({ image, label, bytesSent }: LoadedImage, style: Style): string {
  const what = bytesSent === 0 ? "the engine had it already" : `${formatSize(bytesSent)} sent`;
  return `Loaded ${style("bold", image)} (${label}): ${what}`;
}

function conclusion(result: BuildResult, style: Style): string {
  const { image, outcome, loaded, pushed } = result;
  if (outcome === "refuted") {
    const where = loaded.length === 0 ? "not loaded" : "loaded all the same (--load-anyway)";
    return style("red", `${image} is refuted: it was ${where}, and not pushed.`);
  }
  const [first] = loaded;
  if (first !== undefined) return `Next: transship test ${first.image}`;
  if (pushed !== undefined) return `Next: transship verify docker://${pushed.reference}`;
  return `${image} is in the store ${result.store}.`;
}

export function buildDocument(result: BuildResult): Readonly<Record<string, unknown>> {
  const { image, outcome, verdict, digest, platforms, loaded, pushed, store } = result;
  return {
    image,
    outcome,
    verdict,
    ...(digest === undefined ? {} : { digest }),
    platforms,
    loaded: loaded.flatMap(({ platforms: held, ...one }) =>
      held.map((platform) => ({ ...one, platform })),
    ),
    pushed: pushed ?? null,
    store,
  };
}
