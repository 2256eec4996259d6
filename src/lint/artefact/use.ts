/** Whether what was copied into a stage is of any account there: something that looks for it is started, or the image gets it. */
import type { ArtefactKind } from "../../build-context/artefact.ts";
import { chainOf, imageOf, isSurelyCarriedOut } from "../../dockerfile/lineage.ts";
import type { TargetView } from "../view.ts";
import type { Step } from "../step.ts";

/** `started`: by a program that loads what is in such a directory. `kept`: it is in the image. */
export type Use = "started" | "kept" | "none";

const nodePrograms =
  /^(?:node|nodejs|npm|npx|yarn|pnpm|pnpx|bun|bunx|deno|next|vite|nest|pm2|pm2-runtime|tsx|ts-node)$/;
const nodeImages = /(?:^|\/)(?:node|bun|deno|nodejs\d*-debian\d+)(?:[:@]|$)/;

/** `place` is the directory in the stage; undefined where that is not known. `steps` are all that stand in the same stages. */
export function useOf(
  kind: ArtefactKind,
  place: string | undefined,
  { step, steps, view }: { step: Step; steps: readonly Step[]; view: TargetView },
): Use {
  const { resolved } = step.stage;
  const base = imageOf(chainOf(resolved, view.lineage));
  const isStarted = {
    node: () => nodeImages.test(base) || steps.some(startsNode),
    python: () => place !== undefined && steps.some((one) => isOnPath(one, place)),
    ruby: () => steps.some(isVendored),
    rust: () => false,
  };
  if (isStarted[kind]()) return "started";
  return isSurelyCarriedOut(resolved, place ?? "/", view.lineage) ? "kept" : "none";
}

function startsNode(step: Step): boolean {
  return wordsOf(step).some((word) => nodePrograms.test(word));
}

/** The last parts of the names of what a step starts. */
function wordsOf({ instruction, programs }: Step): readonly string[] {
  const { keyword, arguments: words, text } = instruction;
  if (keyword === "RUN") return programs.map(({ name }) => name);
  if (keyword !== "CMD" && keyword !== "ENTRYPOINT") return [];
  const own = instruction.isExecForm ? words.map((word) => word.text) : text.split(/\s+/);
  return own.map((word) => word.split("/").at(-1) ?? "");
}

/** A virtual environment counts where its programs are named. */
function isOnPath({ instruction }: Step, place: string): boolean {
  const name = place.split("/").at(-1) ?? "";
  const words = instruction.text.match(/[\w./-]+/g) ?? [];
  return words.some((word) => {
    const [environment = word] = word.split(/\/bin(?:\/|$)/);
    if (environment === word && !word.startsWith("/")) return false;
    return word.startsWith("/") ? environment === place : `/${environment}`.endsWith(`/${name}`);
  });
}

/** Bundler looks into `vendor/bundle` only where it is told to. */
function isVendored({ instruction }: Step): boolean {
  return /\bvendor\/bundle\b|\bdeployment\b|\bBUNDLE_DEPLOYMENT\b/.test(instruction.text);
}
