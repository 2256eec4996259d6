/**
 * The proxy's image: the official one where a registry answers, else HAProxy from Debian's packages, the libraries that it loads, and a
 * busybox for the shell and `nc`. User, directories and the path of the program are the official image's, so that one stands for the other.
 */
import { chmod, cp, glob, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  defaultProxyImage,
  formatProxyVersion,
  parseProxyVersion,
} from "../src/deploy/proxy/image.ts";
import { downloadPackages } from "./debian.ts";
import { builtOnce, type Site } from "./site.ts";

/** What HAProxy is linked with, by the names that the newest suite gives it. */
const packages = [
  "haproxy",
  "busybox-static",
  "libc6",
  "libcrypt1",
  "libgcc-s1",
  "libjemalloc2",
  "liblua5.4-0",
  "libopentracing-c-wrapper0t64",
  "libopentracing1",
  "libpcre2-8-0",
  "libssl3t64",
  "libstdc++6",
  "libzstd1",
  "zlib1g",
];

/**
 * Makes sure that the engine reached with `env` has it.
 * @returns its name
 * @throws where it can neither be pulled nor made: the machine's own package sources are not Debian's
 */
export async function ensureProxyImage(
  site: Site,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  if (await hasImage(site, env, defaultProxyImage)) return defaultProxyImage;
  const pull = ["docker", "pull", "--quiet", defaultProxyImage] as const;
  const pulled = await site.attempt(pull, { env, deadlineMs: 120_000 }).catch(() => undefined);
  if (pulled?.exitCode === 0) return defaultProxyImage;
  const built = await builtOnce(site, "haproxy-sid", async (directory) => {
    site.report("No registry answers: making the proxy's image from Debian's packages");
    await buildTree(site, directory);
  });
  const name = `transship/haproxy:${await readFile(path.join(built, "version"), "utf8")}`;
  if (await hasImage(site, env, name)) return name;
  const flags = ["USER haproxy", "STOPSIGNAL SIGUSR1"].flatMap((change) => ["--change", change]);
  await site.run(["docker", "import", ...flags, path.join(built, "image.tar"), name], { env });
  return name;
}

async function hasImage(site: Site, env: Readonly<Record<string, string>>, image: string) {
  return (await site.attempt(["docker", "image", "inspect", image], { env })).exitCode === 0;
}

async function buildTree(site: Site, directory: string): Promise<void> {
  const at = (name: string) => path.join(directory, name);
  const { stdout } = await site.run(["dpkg", "--print-architecture"]);
  const files = await downloadPackages(site, {
    names: packages,
    architectures: [stdout.trim()],
    suite: "sid",
    directory: at("packages"),
  });
  for (const file of files) await site.run(["dpkg", "-x", file, at("unpacked")]);
  const version = await copyNeeded(site, at("unpacked"), at("tree"));
  await addUser(at("tree"));
  const owned = ["--owner=0", "--group=0", "--sort=name"];
  await site.run(["tar", "-C", at("tree"), ...owned, "-cf", at("image.tar"), "."]);
  await writeFile(at("version"), version);
  for (const name of ["packages", "unpacked", "tree"]) await rm(at(name), { recursive: true });
}

/** The programs, and what the loader says that HAProxy wants; the loader is asked in their own root, since its C library is newer than the machine's. */
async function copyNeeded(site: Site, unpacked: string, tree: string): Promise<string> {
  const loaders: string[] = [];
  for await (const name of glob("usr/lib*/ld-linux*.so.*", { cwd: unpacked })) loaders.push(name);
  const [loader = ""] = loaders;
  const inside = ["chroot", unpacked, `/${loader}`] as const;
  const { stdout: listed } = await site.run([...inside, "--list", "/usr/sbin/haproxy"]);
  const libraries = [...listed.matchAll(/(?<==> )\/\S+/g)].map(([library]) => library);
  const copies = [...libraries, loader].map((name) => [name, name] as const);
  copies.push(["usr/sbin/haproxy", "usr/local/sbin/haproxy"], ["usr/bin/busybox", "bin/busybox"]);
  for (const [from, to] of copies) {
    await mkdir(path.dirname(path.join(tree, to)), { recursive: true });
    await cp(path.join(unpacked, from), path.join(tree, to), { dereference: true });
  }
  // Programs name their loader by /lib or /lib64.
  for (const name of new Set(["lib", path.basename(path.dirname(loader))])) {
    await symlink(`usr/${name}`, path.join(tree, name));
  }
  const { stdout: applets } = await site.run([path.join(tree, "bin/busybox"), "--list"]);
  for (const applet of applets.trim().split("\n")) {
    if (applet !== "busybox") await symlink("busybox", path.join(tree, "bin", applet));
  }
  const { stdout: said } = await site.run([...inside, "/usr/sbin/haproxy", "-v"]);
  const version = parseProxyVersion(said);
  if (version === undefined) throw new Error(`haproxy -v said: ${said}`);
  return formatProxyVersion(version);
}

/** The official image's. */
async function addUser(tree: string): Promise<void> {
  const home = "/var/lib/haproxy";
  await mkdir(path.join(tree, home), { recursive: true });
  await mkdir(path.join(tree, "etc"));
  await mkdir(path.join(tree, "tmp"));
  await chmod(path.join(tree, "tmp"), 0o1777);
  const passwords = [
    "root:x:0:0:root:/root:/bin/sh",
    `haproxy:x:99:99:HAProxy:${home}:/bin/false`,
    "",
  ];
  await writeFile(path.join(tree, "etc/passwd"), passwords.join("\n"));
  await writeFile(path.join(tree, "etc/group"), "root:x:0:\nhaproxy:x:99:\n");
}
