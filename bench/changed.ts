/** The next release of an image: a layer of 3 MB on top that nobody has seen, the others as they were. */
import { randomBytes } from "node:crypto";
import { type Layer, writeImage, writeLayer } from "../provision/image-layout.ts";
import { tarball, tarFile } from "../src/filesystem/tarball.ts";

/** Random data that each run finds anew in the top layer. */
const changedBytes = 3_000_000;

/** Makes it the layout's image. Returns the layer. */
export async function changeTop(
  layout: string,
  base: readonly Layer[],
  signal: AbortSignal,
): Promise<Layer> {
  const archive = tarball([
    tarFile("usr/local/bin/serve", "#!/bin/sh\nexec python3 /srv/serve.py\n", 0o755),
    tarFile("srv/serve.py", randomBytes(changedBytes)),
  ]);
  const options = { createdBy: "COPY . /", compression: "gzip", signal } as const;
  const top = await writeLayer(layout, archive, options);
  await writeImage(layout, [...base, top], ["serve"]);
  return top;
}
