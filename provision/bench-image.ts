/**
 * The image that `bench/` measures `transship verify` on: programs of many kinds, in layers as installing them leaves them. Made from
 * Debian's packages, once a machine.
 */
import { createReadStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { distribution, hasCommands, installPackages } from "./debian.ts";
import { blobName, writeImage, writeLayer } from "./image-layout.ts";
import { builtOnce, type Cannot, cannot, isRoot, type Site } from "./site.ts";

export interface BenchImage {
  readonly outcome: "ready";
  /** An OCI layout of one image, linux/amd64. */
  readonly layout: string;
  /** The same blobs as an archive of the kind that `docker save` writes. */
  readonly archive: string;
}

/** What is installed for each layer, after a minimal Debian. */
const stages = [
  [],
  ["python3", "nodejs", "openjdk-17-jdk-headless", "postgresql"],
  ["gcc", "g++", "ffmpeg"],
] as const;

/** Some 1.55 GB unpacked, of which gzip leaves a third. */
export async function ensureBenchImage(site: Site): Promise<BenchImage | Cannot> {
  if (!isRoot() || process.arch !== "x64" || (await distribution()) !== "debian") {
    return cannot("the image is made from Debian's packages, by root on Debian for amd64");
  }
  const built = await builtOnce(site, "bench-image", async (directory) => {
    site.report("Making an image of 1.5 GB from Debian's packages (about three minutes)");
    const archives = `${directory}.archives`;
    try {
      await installStages(site, archives);
      await writeFiles(site, archives, directory);
    } finally {
      await rm(archives, { recursive: true, force: true });
    }
  });
  const [layout, archive] = [path.join(built, "layout"), path.join(built, "archive.tar")];
  return { outcome: "ready", layout, archive };
}

/** Installs one stage after the other in one tree, and packs after each what has changed: `0.tar`, `1.tar`, … */
async function installStages(site: Site, archives: string): Promise<void> {
  if (!(await hasCommands(site, "mmdebstrap"))) await installPackages(site, ["mmdebstrap"]);
  await mkdir(archives, { recursive: true });
  const hooks = stages.flatMap((names, n) => [...installHook(names), packHook(n)]);
  const flags = ["--quiet", "--variant=minbase", "--architectures=amd64", "--format=null"];
  const argv = [...flags, ...hooks.map((hook) => `--customize-hook=${hook}`), "bookworm", "-"];
  await site.run(["mmdebstrap", ...argv], { env: { ARCHIVES: archives } });
}

/** mmdebstrap(1), HOOKS: `$1` is the tree, and the configuration makes the machine's own apt work on it. */
function installHook(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const apt = 'APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -oDPkg::Chroot-Directory="$1"';
  return [`${apt} install -qq --yes --no-install-recommends ${names.join(" ")}`];
}

/** What the kernel mounts there and what apt downloads is no part of an image. */
const left = ["dev/*", "proc", "sys", "run/*", "tmp/*", "var/lib/apt/lists/*", "var/cache/apt/*"];

/** Packs what was changed since the stage before (tar takes the time of a status change too); nothing is ever removed. */
function packHook(n: number): string {
  const flags = ["--numeric-owner", "--xattrs", ...left.map((name) => `--exclude='./${name}'`)];
  if (n > 0) flags.push(`--newer="$ARCHIVES/${n - 1}.time"`);
  return `tar ${flags.join(" ")} -C "$1" -cf "$ARCHIVES/${n}.tar" . && touch "$ARCHIVES/${n}.time"`;
}

async function writeFiles(site: Site, archives: string, directory: string): Promise<void> {
  const { signal } = site;
  const layout = path.join(directory, "layout");
  const layers = await Promise.all(
    stages.map(async (names, n) => {
      const archive = createReadStream(path.join(archives, `${n}.tar`));
      const createdBy =
        n === 0
          ? "mmdebstrap --variant=minbase bookworm"
          : `RUN apt-get install ${names.join(" ")}`;
      return await writeLayer(layout, archive, { createdBy, compression: "gzip", signal });
    }),
  );
  const config = await writeImage(layout, layers, ["python3"]);
  const manifest = {
    Config: blobName(config),
    RepoTags: ["transship-bench/large:1"],
    Layers: layers.map(({ digest }) => blobName(digest)),
  };
  await writeFile(path.join(directory, "manifest.json"), JSON.stringify([manifest]));
  const from = ["-C", directory, "manifest.json", "-C", layout, "blobs"];
  await site.run(["tar", "-cf", path.join(directory, "archive.tar"), ...from]);
}
