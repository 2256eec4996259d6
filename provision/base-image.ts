/**
 * debian:bookworm-slim where no registry can be asked for it: made from Debian's packages, as one OCI layout of several platforms.
 * An example's Dockerfile then still says `FROM debian:bookworm-slim`, and a build context of that name stands in for it.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parsePlatform, platformSuffix } from "../src/platform/platform.ts";
import { hasCommands, installPackages } from "./debian.ts";
import { builtOnce, isRoot, type Site } from "./site.ts";

export const baseName = "debian:bookworm-slim";

/** Whether the registry gives that image's manifest, asked through buildx as a build would. */
export async function registryAnswers(site: Site, image: string): Promise<boolean> {
  const asked = await site
    .attempt(["docker", "buildx", "imagetools", "inspect", "--raw", image], { deadlineMs: 15_000 })
    .catch(() => undefined);
  site.signal.throwIfAborted();
  return asked?.exitCode === 0;
}

/** The OCI layout that holds the base for all these platforms; built once a machine, all platforms at once. */
export async function ensureBaseImage(
  site: Site,
  platforms: readonly string[],
  builder: { readonly name: string; readonly env: Readonly<Record<string, string>> },
): Promise<string> {
  const architectures = platforms.map((platform) => platformSuffix(parsePlatform(platform)));
  const name = `debian-bookworm-slim-${architectures.toSorted().join("-")}`;
  const built = await builtOnce(site, name, async (directory) => {
    if (!isRoot()) throw new Error(`${baseName} can be made from Debian's packages by root only`);
    site.report(
      `No registry answers: making ${baseName} from Debian's packages for ${platforms.join(" and ")}`,
    );
    if (!(await hasCommands(site, "mmdebstrap", "arch-test"))) {
      await installPackages(site, ["mmdebstrap", "arch-test"]);
    }
    const context = `${directory}.context`;
    await mkdir(context, { recursive: true });
    try {
      await Promise.all(architectures.map(async (one) => await bootstrap(site, context, one)));
      await buildLayout(site, { context, directory, platforms, builder });
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  });
  return path.join(built, "layout");
}

/** What a slim image leaves out, as dpkg(1) path filters: documentation, manuals, translations. */
const slim = ["doc/*", "man/*", "info/*", "locale/*", "lintian/*"].map(
  (tree) => `--dpkgopt=path-exclude=/usr/share/${tree}`,
);

async function bootstrap(site: Site, directory: string, architecture: string): Promise<void> {
  const archive = path.join(directory, `base-${architecture}.tar`);
  const flags = ["--quiet", "--variant=minbase", `--architectures=${architecture}`, ...slim];
  const keep = "--dpkgopt=path-include=/usr/share/doc/*/copyright";
  await site.run(["mmdebstrap", ...flags, keep, "bookworm", archive]);
}

async function buildLayout(
  site: Site,
  options: {
    readonly context: string;
    readonly directory: string;
    readonly platforms: readonly string[];
    readonly builder: { readonly name: string; readonly env: Readonly<Record<string, string>> };
  },
): Promise<void> {
  const { context, directory, platforms, builder } = options;
  const dockerfile = 'FROM scratch\nARG TARGETARCH\nADD base-${TARGETARCH}.tar /\nCMD ["bash"]\n';
  await writeFile(path.join(context, "Dockerfile"), dockerfile);
  const layout = path.join(directory, "layout");
  const output = `type=oci,tar=false,dest=${layout},name=docker.io/library/${baseName}`;
  const flags = [
    "--builder",
    builder.name,
    "--provenance=false",
    "--platform",
    platforms.join(","),
  ];
  await site.run(["docker", "buildx", "build", ...flags, "--output", output, context], {
    env: builder.env,
  });
}
