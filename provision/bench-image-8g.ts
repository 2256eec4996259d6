/** The image of more than 8 GB that the memory of `transship verify` is measured on: the large one, with copies of it on top. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header, pack, type Pack } from "tar-stream";
import { tarball } from "../src/filesystem/tarball.ts";
import type { BenchImage } from "./bench-image.ts";
import {
  blobName,
  type Layer,
  layersOf,
  shareBlobs,
  writeImage,
  writeLayer,
} from "./image-layout.ts";
import { builtOnce, type Site } from "./site.ts";

/** Four times 1.55 GB of programs in directories of these names, each a layer of its own. */
const copies = ["one", "two", "three", "four"] as const;

/** The layout of an image around that one; and, as data, a file of more than half a gigabyte. */
export async function ensureBenchImage8g(site: Site, small: BenchImage): Promise<string> {
  const built = await builtOnce(site, "bench-image-8g", async (directory) => {
    site.report("Making an image of 8 GB from it (about two minutes)");
    const layout = path.join(directory, "layout");
    const base = await layersOf(small.layout);
    await shareBlobs(base, { from: small.layout, to: layout, by: "copy" });
    const write = async (archive: Readable, createdBy: string) => {
      const { signal } = site;
      return await writeLayer(layout, archive, { createdBy, compression: "zstd", signal });
    };
    const above: Layer[] = [];
    for (const copy of copies) {
      const archive = copyBelow(`srv/${copy}`, base, small.layout);
      above.push(await write(archive, `COPY --from=large / /srv/${copy}/`));
    }
    const { size } = await stat(small.archive);
    const data = { name: "srv/data", size, open: () => createReadStream(small.archive) };
    above.push(await write(tarball([data]), "COPY data /srv/data"));
    await writeImage(layout, [...base, ...above], ["python3"]);
  });
  return path.join(built, "layout");
}

/** All that these layers hold, as one archive below that directory. */
function copyBelow(directory: string, layers: readonly Layer[], layout: string): Readable {
  const archive = pack();
  void copyInto(archive, { directory, layers, layout }).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return Readable.from(archive, { objectMode: false });
}

async function copyInto(
  archive: Pack,
  from: {
    readonly directory: string;
    readonly layers: readonly Layer[];
    readonly layout: string;
  },
): Promise<void> {
  const { directory, layers, layout } = from;
  for (const { digest } of layers) {
    const entries = extract();
    const blob = createReadStream(path.join(layout, blobName(digest)));
    const flow = pipeline(blob, createGunzip({ chunkSize: 1024 * 1024 }), entries);
    for await (const entry of entries) {
      const header = headerBelow(directory, entry.header);
      if (entry.header.type === "file") await pipeline(entry, archive.entry(header));
      else {
        archive.entry(header);
        entry.resume();
      }
    }
    await flow;
  }
  archive.finalize();
}

/** A hard link names a path of the archive; a symbolic link stays as it is. What pax said of the old path must not be said again. */
function headerBelow(directory: string, header: Header): Header {
  const below = (name: string) => path.posix.join(directory, name);
  const { name, type, linkname } = header;
  const link = type === "link" && linkname ? { linkname: below(linkname) } : {};
  return { ...header, pax: null, name: below(name), ...link };
}
