/**
 * BuildKit's image for the docker-container driver: the published one where a registry answers, else one built from BuildKit's
 * Go module and the machine's own runc, libc and busybox.
 */
import { chmod, copyFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { hasCommands, installPackages } from "./debian.ts";
import { builtOnce, type Cannot, cannot, isRoot, type Site } from "./site.ts";

const version = "v0.34.2";
const published = "moby/buildkit:buildx-stable-1";
/** The name that the image built here gets; `transship setup --buildkit-image` takes it. */
const local = `transship/buildkit:${version}`;

export interface BuildkitImage {
  readonly outcome: "ready";
  /** The image's name, or `undefined` where buildx's own default serves. */
  readonly image?: string;
}

/** Makes sure that the engine reached with `env` can start BuildKit. */
export async function ensureBuildkitImage(
  site: Site,
  env: Readonly<Record<string, string>> = {},
): Promise<BuildkitImage | Cannot> {
  const [hasLocal, hasPublished] = await Promise.all([
    hasImage(site, env, local),
    hasImage(site, env, published),
  ]);
  if (hasPublished) return { outcome: "ready" };
  if (hasLocal) return { outcome: "ready", image: local };
  const pulled = await site
    .attempt(["docker", "pull", "--quiet", published], { env, deadlineMs: 120_000 })
    .catch(() => undefined);
  if (pulled?.exitCode === 0) return { outcome: "ready" };
  if (!(await hasCommands(site, "go"))) {
    return cannot(`${published} cannot be pulled, and there is no Go to build BuildKit with.`);
  }
  const tree = await buildkitTree(site);
  await importTree(site, env, tree);
  return { outcome: "ready", image: local };
}

/** BuildKit's file system, built once a machine. */
async function buildkitTree(site: Site): Promise<string> {
  return await builtOnce(site, `buildkit-${version}`, async (directory) => {
    site.report(
      `No registry answers: building BuildKit ${version} from its Go module (about a minute)`,
    );
    await ensurePrograms(site);
    await buildBinaries(site, directory);
    await addRuntime(site, directory);
  });
}

async function ensurePrograms(site: Site): Promise<void> {
  if (await hasCommands(site, "runc", "busybox")) return;
  if (!isRoot())
    throw new Error("BuildKit's image needs runc and busybox: install runc and busybox-static");
  await installPackages(site, ["runc", "busybox-static"]);
}

async function buildBinaries(site: Site, directory: string): Promise<void> {
  // `go install …@version` is refused because the module has replace directives.
  const module = path.join(directory, ".module");
  await mkdir(path.join(directory, "usr/bin"), { recursive: true });
  await mkdir(module);
  await writeFile(path.join(module, "go.mod"), "module buildkit\n\ngo 1.24\n");
  const programs = ["buildkitd", "buildctl"].map((name) => `github.com/moby/buildkit/cmd/${name}`);
  const inModule = { cwd: module, env: { CGO_ENABLED: "0", GOFLAGS: "-modcacherw" } };
  await site.run(["go", "get", "-tool", ...programs.map((name) => `${name}@${version}`)], inModule);
  const named = `-X github.com/moby/buildkit/version.Version=${version}`;
  const output = `${path.join(directory, "usr/bin")}/`;
  await site.run(["go", "build", "-ldflags", named, "-o", output, ...programs], inModule);
}

/** runc with the libraries it loads, and a busybox for what BuildKit asks of a shell. */
async function addRuntime(site: Site, directory: string): Promise<void> {
  const into = (name: string) => path.join(directory, name);
  for (const name of ["bin", "etc", "tmp"]) await mkdir(into(name), { recursive: true });
  const runc = await pathOf(site, "runc");
  await copyFile(runc, into("usr/bin/runc"));
  await chmod(into("usr/bin/runc"), 0o755);
  const { stdout } = await site.run(["ldd", runc]);
  for (const [library] of stdout.matchAll(/\/\S+\.so\S*/g)) {
    await mkdir(path.dirname(into(library)), { recursive: true });
    await cp(library, into(library), { dereference: true });
  }
  await copyFile(await pathOf(site, "busybox"), into("bin/busybox"));
  for (const name of ["sh", "mount", "umount", "cat", "ls", "ps"]) {
    await symlink("busybox", into(`bin/${name}`));
  }
}

async function pathOf(site: Site, name: string): Promise<string> {
  return (await site.run(["sh", "-c", 'command -v "$1"', "sh", name])).stdout.trim();
}

async function importTree(
  site: Site,
  env: Readonly<Record<string, string>>,
  tree: string,
): Promise<void> {
  const archive = `${tree}.tar`;
  await site.run(["tar", "-C", tree, "--exclude=./.module", "-cf", archive, "."]);
  await site.run(["docker", "import", "--change", 'ENTRYPOINT ["buildkitd"]', archive, local], {
    env,
  });
}

async function hasImage(
  site: Site,
  env: Readonly<Record<string, string>>,
  image: string,
): Promise<boolean> {
  return (await site.attempt(["docker", "image", "inspect", image], { env })).exitCode === 0;
}
