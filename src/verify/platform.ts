/** One platform of an image: its layers read, its documents compared, its programs proven. */
import type { ElfSymbols } from "../binary/elf/symbols.ts";
import type { Context } from "../context.ts";
import type { LayerFacts } from "../filesystem/layer.ts";
import { mergeLayers, type Node } from "../filesystem/tree.ts";
import { labelOf, type PlatformImage } from "../image/image.ts";
import type { OpenImage } from "../image/open.ts";
import type { Platform } from "../platform/platform.ts";
import { containerOf } from "./container.ts";
import { type CpuLevel, x86Level } from "./cpu.ts";
import { explain, type Explanation } from "./explain.ts";
import type { Finding, Unproven } from "./finding.ts";
import { checkIndex, checkLabel, checkLayers, expectationOf } from "./label.ts";
import { type ReadLayer, readLayers } from "./layers.ts";
import { prove, type StartedProgram } from "./prove.ts";
import type { Chosen, OpenedOptions } from "./verify.ts";

export interface PlatformProof {
  readonly image: PlatformImage;
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
  readonly programs: readonly StartedProgram[];
  /** The walk of the program that was asked for, or why there is none. */
  readonly explanation?: Explanation | string;
}

export async function provePlatform(
  chosen: Chosen,
  opened: OpenImage,
  options: OpenedOptions,
  context: Context,
): Promise<PlatformProof> {
  const layers = await readLayers(chosen.image, opened, options, context);
  try {
    return await proveLayers(chosen, layers, options);
  } finally {
    for (const layer of layers) if ("facts" in layer) layer.facts.close();
  }
}

async function proveLayers(
  { image, asked }: Chosen,
  layers: readonly ReadLayer[],
  options: OpenedOptions,
): Promise<PlatformProof> {
  const { expected = {} } = options;
  const wanted = asked === undefined ? expected : { ...expectationOf(asked), ...expected };
  const documents = [...checkLabel(image, wanted), ...checkIndex(image)];
  const damaged = layers.flatMap((layer) => ("finding" in layer ? [layer.finding] : []));
  const facts = layers.flatMap((layer) => ("facts" in layer ? [layer.facts] : []));
  if (damaged.length > 0) {
    const unproven = ["What the other layers hold was not looked at."];
    return { image, findings: [...documents, ...damaged], unproven, programs: [] };
  }
  const diffIds = facts.map(({ diffId }) => diffId);
  const findings = [...documents, ...checkLayers(image, diffIds)];
  // Whoever asks for a platform starts it there, whatever the label says.
  const platform = asked ?? image.platform;
  const unread = facts.flatMap((layer) => layer.unread);
  if (platform === undefined) {
    const nothing = `Nothing is known about programs for ${labelOf(image.config)}.`;
    return { image, findings, unproven: [...unread, nothing], programs: [] };
  }
  const tree = mergeLayers(facts);
  const cpu = options.cpu ?? levelOf(platform);
  const about = { platform, ...(cpu === undefined ? {} : { cpu }) };
  const contained = containerOf(tree, image.config.config, about);
  const symbolsOf = async (node: Node) => await symbolsIn(facts, node);
  const proof = await prove({ image, ...contained, symbolsOf });
  return {
    image,
    findings: [...findings, ...proof.findings],
    // What two starts share is said of it once.
    unproven: [...new Set([...unread, ...tree.problems, ...proof.unproven])],
    programs: proof.programs,
    ...(options.explain === undefined
      ? {}
      : { explanation: await explain(contained.container, options.explain, symbolsOf) }),
  };
}

const noSymbols: ElfSymbols = {
  imports: [],
  exports: {
    versioned: new Float64Array(),
    open: new Float64Array(),
    plain: new Float64Array(),
    oldest: new Float64Array(),
    hasVersions: false,
  },
};

/** An object may have none; that they were not kept is something else. */
async function symbolsIn(
  facts: readonly LayerFacts[],
  { layer, entry }: Node,
): Promise<ElfSymbols | undefined> {
  if (entry.symbols !== undefined) return await facts[layer]?.symbols(entry);
  const isUnread = entry.content?.kind === "elf" && entry.content.unread !== undefined;
  return isUnread ? undefined : noSymbols;
}

/** `linux/amd64/v2` promises that level; without a variant nothing is said. */
function levelOf({ architecture, variant }: Platform): CpuLevel | undefined {
  if (architecture !== "amd64") return undefined;
  return x86Level(Number(/^v([1-4])$/.exec(variant ?? "")?.[1] ?? 0));
}
