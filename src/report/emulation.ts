/** The ways out of emulation, for people and for machines. */
import type { AdvisedStep, StageAdvice } from "../build/emulation/explanation.ts";
import { codeFrame } from "../dockerfile/frame.ts";
import type { Style } from "./style.ts";

/** Terminals and mails show as much without breaking a line. */
const width = 100;

const ways = {
  "build-platform": "Move it to $BUILDPLATFORM.",
  "cross-toolchain": "Cross-compile it on $BUILDPLATFORM.",
  "native-node": "Build it on a native node.",
  keep: "Keep it as it is.",
} as const;

/** For each advice the steps as they stand in the Dockerfile, then the way out, then the lines to paste. `dockerfile` is the file's text. */
export function explanationText(
  advices: readonly StageAdvice[],
  dockerfile: string,
  style: Style,
): string {
  if (advices.length === 0) return "No step runs emulated.";
  return advices.map((advice) => adviceLines(advice, dockerfile, style).join("\n")).join("\n\n");
}

function adviceLines(advice: StageAdvice, dockerfile: string, style: Style): readonly string[] {
  const { stage, steps, way, why, lines, caveat, command } = advice;
  const title = /^\d+$/.test(stage) ? `Stage number ${stage}` : `Stage ${stage}`;
  const count = steps.length === 1 ? "1 emulated step" : `${steps.length} emulated steps`;
  return [
    style("bold", `${title}: ${count}${advice.ms === undefined ? "" : `, ${seconds(advice.ms)}`}`),
    ...steps.flatMap((step) => stepLines(step, dockerfile, style)),
    "",
    ...wrapped(`${style(way === "keep" ? "dim" : "green", ways[way])} ${why}`, ""),
    ...(caveat === undefined ? [] : wrapped(`${style("yellow", "Check:")} ${caveat}`, "")),
    ...(command === undefined ? [] : ["", `    ${command}`]),
    ...(lines.length === 0 ? [] : ["", ...lines.map((line) => `    ${line}`.trimEnd())]),
  ];
}

function stepLines(step: AdvisedStep, dockerfile: string, style: Style): readonly string[] {
  const { instruction, platforms, ms } = step;
  const cost = ms === undefined ? "" : `, ${seconds(ms)}`;
  return [
    "",
    style("dim", `  for ${platforms.join(", ")}${cost}`),
    ...codeFrame(dockerfile, instruction.range, { context: 0, width: width - 12 }).map(
      (line) => `  ${line}`,
    ),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Broken between words; what a style adds takes no columns. */
function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const isFull = visible(line) + visible(word) + 1 > width && line.trim() !== "";
    if (isFull) lines.push(line);
    line = isFull || line.trim() === "" ? indent + word : `${line} ${word}`;
  }
  return [...lines, line];
}

function visible(text: string): number {
  // oxlint-disable-next-line no-control-regex -- the escapes of a terminal are control characters
  return text.replaceAll(/\u001B\[\d+m/g, "").length;
}

/**
 * A list; one entry an advice:
 *
 * - `stage`: its name in the Dockerfile, or its number from 0
 * - `way`: `build-platform`, `cross-toolchain`, `native-node` or `keep`
 * - `why`: one sentence
 * - `lines`: what to write into the Dockerfile; empty where nothing is to be changed in it
 * - `caveat`: what is lost or must be checked; null where nothing is
 * - `command`: what to type; null where there is nothing
 * - `ms`: how long its steps took under the emulator; null where that is not known
 * - `steps[]`: `line` and `endLine` in the Dockerfile, `platforms`, `ms`
 */
export function explanationDocument(
  advices: readonly StageAdvice[],
): readonly Readonly<Record<string, unknown>>[] {
  return advices.map(({ stage, way, why, lines, caveat, command, ms, steps }) => ({
    stage,
    way,
    why,
    lines,
    caveat: caveat ?? null,
    command: command ?? null,
    ms: ms === undefined ? null : Math.round(ms),
    steps: steps.map(({ instruction, platforms, ms: own }) => ({
      line: instruction.range.line,
      endLine: instruction.range.endLine,
      platforms,
      ms: own === undefined ? null : Math.round(own),
    })),
  }));
}
