/** Where a file of the image comes from: its layer, and the instruction of the Dockerfile that made it (OCI image-spec, config.md, "history"). */
import type { PlatformImage } from "../image/image.ts";
import type { Node } from "../filesystem/tree.ts";
import type { Digest } from "../oci/digest.ts";

export interface Origin {
  readonly layer: Digest;
  /** `COPY app /app`, as the history has it. */
  readonly instruction?: string;
}

/** The origin of each layer, the lowest first. */
export function originsOf({
  manifest,
  config,
}: Pick<PlatformImage, "manifest" | "config">): readonly Origin[] {
  const made = config.history.filter(({ empty_layer: isEmpty }) => isEmpty !== true);
  // A history that was not kept, or belongs to other layers, tells nothing.
  const isWhole = made.length === manifest.layers.length;
  return manifest.layers.map(({ digest }, n) => {
    const written = isWhole ? made[n]?.created_by : undefined;
    return {
      layer: digest,
      ...(written === undefined || written === "" ? {} : { instruction: instructionOf(written) }),
    };
  });
}

const longestInstruction = 200;

/** As it stood in the Dockerfile: without what the classic builder and BuildKit write around it. */
function instructionOf(createdBy: string): string {
  const text = createdBy
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, "")
    .replace(/^\/bin\/sh -c /, "RUN ")
    .replace(/^RUN (?:\|\d+ .*? )?\/bin\/sh -c /, "RUN ")
    .replace(/\s*# buildkit$/, "")
    .replaceAll(/\s+/g, " ");
  return text.length > longestInstruction ? `${text.slice(0, longestInstruction)}…` : text;
}

export function originOf(
  origins: readonly Origin[],
  { layer }: Pick<Node, "layer">,
): Partial<Origin> {
  return origins[layer] ?? {};
}
