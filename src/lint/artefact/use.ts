/** Whether what was copied into a stage is of any account there: something that looks for it is started, or the image gets it. */
import type { ArtefactKind } from "../../build-context/artefact.ts";
import { imageOf, isCarriedOut } from "../../dockerfile/lineage.ts";
import type { TargetView } from "../view.ts";
import type { Step } from "./step.ts";

/** `started`: by a program that loads what is in such a directory. `kept`: it is in the image. */
export type Use = "started" | "kept" | "none";

const programs: Readonly<Record<ArtefactKind, RegExp>> = {
  node: /^(?:node|nodejs|npm|npx|yarn|pnpm|pnpx|bun|bunx|deno|next|vite|nest|pm2|pm2-runtime|tsx|ts-node)$/,
  python: /^(?:uv|uvx|poetry|pipenv|pdm|hatch)$/,
  ruby: /^(?:ruby|bundle|bundler|rails|rake|puma)$/,
  rust: /(?!)/,
};

const images: Readonly<Record<ArtefactKind, RegExp>> = {
  node: /(?:^|\/)(?:node|bun|deno|nodejs\d*-debian\d+)(?:[:@]|$)/,
  python: /(?!)/,
  ruby: /(?:^|\/)(?:ruby|jruby)(?:[:@]|$)/,
  rust: /(?!)/,
};

/** `place` is the directory in the stage; undefined where that is not known. `steps` are all that stand in the same stages. */
export function useOf(
  kind: ArtefactKind,
  place: string | undefined,
  { step, steps, view }: { step: Step; steps: readonly Step[]; view: TargetView },
): Use {
  const { resolved } = step.stage;
  const base = imageOf(view.lineage.chains.get(resolved.index) ?? [resolved]);
  const isStarted =
    images[kind].test(base) ||
    steps.some((one) => wordsOf(one).some((word) => programs[kind].test(word))) ||
    (kind === "python" && place !== undefined && steps.some((one) => isOnPath(one, place)));
  if (isStarted) return "started";
  return isCarriedOut(resolved, place ?? "/", view.lineage) ? "kept" : "none";
}

/** The last parts of the names of what a step starts. */
function wordsOf({ view, programs: started }: Step): readonly string[] {
  const { keyword, arguments: words, text } = view.instruction;
  if (keyword === "RUN") return started.map(({ name }) => name);
  if (keyword !== "CMD" && keyword !== "ENTRYPOINT") return [];
  const own = view.instruction.isExecForm ? words.map((word) => word.text) : text.split(/\s+/);
  return own.map((word) => word.split("/").at(-1) ?? "");
}

/** A virtual environment counts where its programs are named. */
function isOnPath({ view }: Step, place: string): boolean {
  const { text } = view.instruction;
  const name = place.split("/").at(-1) ?? "";
  return text.includes(`${name}/bin`) || /\bVIRTUAL_ENV\b/.test(text);
}
