/** The ways out of emulation for the steps of a stage, and the lines that take it. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { Judgement } from "./judgement.ts";
import type { Dockerfile } from "../../dockerfile/syntax.ts";
import { parseDockerfile } from "../../dockerfile/syntax.ts";

type Way =
  /** The stage runs on `$BUILDPLATFORM`: what it makes is the same on every machine. */
  | "build-platform"
  /** The same, with tools that make programs for the target. */
  | "cross-toolchain"
  /** A machine of the target's own architecture among the builder's nodes. */
  | "native-node"
  /** It stays as it is: it has to run for the target, or costs nothing worth a change. */
  | "keep";

export interface Advice {
  readonly way: Way;
  /** One sentence in plain words. */
  readonly why: string;
  /** What to write into the Dockerfile; empty where nothing is to be changed in it. */
  readonly lines: readonly string[];
  /** What is lost, or must be checked. */
  readonly caveat?: string;
  /** What to type. */
  readonly command?: string;
}

/** What each RUN of a stage is advised; those that one change serves share it. */
export type Plan = ReadonlyMap<Instruction, Advice>;

const nodeCommand = "transship setup --node ssh://user@server";

export function nativeNode(why: string, caveats: readonly string[] = []): Advice {
  return { way: "native-node", why, lines: [], ...noted(caveats), command: nodeCommand };
}

export function keep(why: string): Advice {
  return { way: "keep", why, lines: [] };
}

export function noted(caveats: readonly (string | undefined)[]): { readonly caveat?: string } {
  const said = [...new Set(caveats.filter((one) => one !== undefined && one !== ""))];
  return said.length === 0 ? {} : { caveat: said.join(" ") };
}

/** The reason of the dearest, a compiler's before a mere copy's. */
export function whyOf(judgements: readonly Judgement[]): string {
  const cross = judgements.find(({ kind, isCross }) => isCross && kind === "cross");
  const chosen = cross ?? judgements.find(({ kind }) => kind === "neutral") ?? judgements[0];
  return chosen?.why ?? "It runs no program.";
}

export function wayOf(judgements: readonly Judgement[]): "build-platform" | "cross-toolchain" {
  return judgements.some(({ isCross }) => isCross) ? "cross-toolchain" : "build-platform";
}

/** Whether a builder takes the lines: what does not even parse here is never shown. */
export function isSound(lines: readonly string[], { escape }: Dockerfile): boolean {
  const directive = escape === "\\" ? [] : [`# escape=${escape}`];
  const { problems, stages } = parseDockerfile([...directive, ...lines].join("\n"));
  return problems.length === 0 && stages.length > 0;
}
