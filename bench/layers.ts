/** An image of many layers of random data, as large as one of them is small: what is sent is what there is. */
import { randomBytes } from "node:crypto";
import { exists, type Site } from "../provision/site.ts";
import { type Layer, writeImage, writeLayer } from "../provision/image-layout.ts";
import { tarball, tarFile } from "../src/filesystem/tarball.ts";
import { parsePlatform } from "../src/platform/platform.ts";
import { probeProgram } from "../src/probe/program.ts";

const platform = parsePlatform("linux/amd64");
const count = 40;
const layerBytes = 10_000_000;

/** Writes it once, as that layout. */
export async function writeSmallLayers(site: Site, layout: string): Promise<void> {
  if (!(await exists(layout))) await write(site, layout);
}

async function write({ signal }: Site, layout: string): Promise<void> {
  const layers: Layer[] = [];
  for (let n = 0; n < count; n += 1) {
    const files = [tarFile(`srv/${n}`, randomBytes(layerBytes))];
    if (n === 0) files.push(tarFile("bin/serve", probeProgram(platform) ?? "", 0o755));
    const options = { createdBy: `COPY ${n} /srv/`, compression: "gzip", signal } as const;
    layers.push(await writeLayer(layout, tarball(files), options));
  }
  await writeImage(layout, layers, ["serve"]);
}
