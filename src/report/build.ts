/** The result of `build`, for people and for machines. */
import type { BuildResult } from "../build/build.ts";
import type { LoadedImage } from "../build/load.ts";
import { formatSize } from "../oci/size.ts";
import { explanationDocument, explanationText } from "./emulation.ts";
import type { Style } from "./style.ts";
import { platformLines } from "./verify.ts";

/** Each platform with its verdict, then where the image went, then what to type next. */
export function buildText(result: BuildResult, style: Style): string {
  if (result.outcome === "planned") {
    return [...explanationLines(result, style), "Nothing was built (--dry-run)."].join("\n");
  }
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
    ...emulationLines(result),
    ...explanationLines(result, style),
    conclusion(result, style),
    ...(result.log === undefined ? [] : [`Log: ${result.log}`]),
  ].join("\n");
}

function explanationLines({ explanation }: BuildResult, style: Style): readonly string[] {
  if (explanation === undefined) return [];
  const { advices, dockerfile } = explanation;
  return ["", ...explanationText(advices, dockerfile, style).split("\n"), ""];
}

/** The dearest emulated steps that are named. */
const namedSteps = 5;
/** What emulation must cost to be worth a word on the way out, in milliseconds. */
const worthwhileMs = 10_000;

/** What emulation cost, the dearest steps first. */
function emulationLines({ emulation, steps, explanation }: BuildResult): readonly string[] {
  if (emulation === undefined) return [];
  const { steps: count, ms, buildMs, unknown } = emulation;
  const open =
    unknown === 0
      ? []
      : [`Of ${unknown} more ${unknown === 1 ? "step" : "steps"} nobody can say how they ran.`];
  if (count === 0) return unknown === 0 ? ["Nothing ran emulated."] : open;
  const share = buildMs === 0 ? 0 : Math.round((100 * ms) / buildMs);
  const ran = steps.filter(({ emulated, cached }) => emulated === true && !cached);
  const isExplained = explanation !== undefined || ms < worthwhileMs;
  const way =
    "The way out of each, with the lines to write: the same command with --explain-emulation --dry-run";
  const dearest = ran.toSorted((one, other) => other.ms - one.ms).slice(0, namedSteps);
  return [
    `Emulated: ${count} ${count === 1 ? "step" : "steps"}, ${seconds(ms)} of the build's ${seconds(buildMs)} (${share} %)`,
    ...dearest.map(
      (step) => `  ${seconds(step.ms).padStart(8)}  ${step.name.replaceAll(/\s+/g, " ")}`,
    ),
    ...open,
    ...(isExplained ? [] : [way]),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
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
  const { checks, steps, emulation, explanation, log } = result;
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
    checks,
    steps,
    ...(emulation === undefined ? {} : { emulation }),
    ...(explanation === undefined ? {} : { explanation: explanationDocument(explanation.advices) }),
    store,
    ...(log === undefined ? {} : { log }),
  };
}
