/** Images to ship: a program that runs, and layers of any size, as a layout on disk. */
import { randomBytes } from "node:crypto";
import { parsePlatform } from "../../src/platform/platform.ts";
import { probeProgram } from "../../src/probe/program.ts";
import { imageOf, layoutContents, type TestFiles } from "../image/image.ts";
import { type CleanUp, directory } from "./engine.ts";

/** A layer of one file of random bytes, which no compression makes smaller. */
export function randomLayer(name: string, bytes: number): TestFiles {
  return { [name]: { content: randomBytes(bytes) } };
}

export interface CargoWishes {
  readonly layers: readonly TestFiles[];
  /** Default amd64 alone. */
  readonly architectures?: readonly string[];
  readonly compression?: "gzip" | "zstd";
  /** `v3`: what the label says of the processor. */
  readonly variant?: string;
}

/** The layout of an image whose lowest layer is a program that prints its machine. */
export async function layoutOf(
  context: CleanUp,
  { layers, architectures = ["amd64"], compression = "gzip", variant }: CargoWishes,
): Promise<string> {
  const platforms = architectures.map((architecture) => ({
    architecture,
    ...(variant === undefined ? {} : { variant }),
    config: { Entrypoint: ["/probe"] },
    layers: [{ probe: { content: program(architecture) } }, ...layers],
  }));
  const image = await imageOf(platforms, compression);
  return await directory(context, layoutContents(image));
}

/** The smallest one of that architecture: it prints its machine. */
export function program(architecture: string): Uint8Array {
  return probeProgram(parsePlatform(architecture)) ?? new Uint8Array();
}

/** Bytes of {@link freshLayout}'s image, but for its program. */
export const freshBytes = 6_000_000;

/** An image of three layers, which no engine has seen before. */
export async function freshLayout(context: CleanUp): Promise<string> {
  const layers = [1, 2, 3].map((n) => randomLayer(`file${n}`, freshBytes / 3));
  return await layoutOf(context, { layers });
}
