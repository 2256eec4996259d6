/**
 * What the images are made of: Debian's packages of each machine, unpacked without their maintainer scripts, with the
 * ld.so.cache that the machine's own ldconfig writes. Kept in the provisioning cache, made once a machine.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { downloadPackages } from "../../provision/debian.ts";
import { builtOnce, type Site } from "../../provision/site.ts";
import type { Argv } from "../../src/process/command.ts";
import { inParallel } from "../../src/process/parallel.ts";
import { type Architecture, machines } from "./machine.ts";

/** Trees of packages. `debian` and `musl` stand alone; the others lie on `debian`. */
const bases = ["debian", "musl", "daemons", "python", "node"] as const;
export type Base = (typeof bases)[number];

interface Recipe {
  readonly packages: readonly string[];
  readonly architectures: readonly Architecture[];
  readonly on?: Base;
}

const all: readonly Architecture[] = ["amd64", "arm64", "armhf"];
const words = (text: string) => text.trim().split(/\s+/);

const recipes: Readonly<Record<Base, Recipe>> = {
  debian: {
    architectures: [...all, "i386"],
    packages: words(`
      libc6 libc-bin libgcc-s1 busybox dash zlib1g libcrypt1 coreutils libgmp10
      libselinux1 libpcre2-8-0 libacl1 libattr1`),
  },
  musl: { architectures: [...all, "i386"], packages: ["musl", "busybox-static"] },
  daemons: {
    architectures: all,
    on: "debian",
    packages: words(`
      lighttpd libnettle8 libxxhash0
      redis-server redis-tools libatomic1 libjemalloc2 liblzf1 libssl3 libsystemd0 liblzma5 libzstd1 liblz4-1 libgcrypt20
      libgpg-error0 libcap2 libhiredis0.14 liblua5.1-0 lua-cjson lua-bitop libstdc++6`),
  },
  python: {
    architectures: all,
    on: "debian",
    packages: words(`
      python3-minimal python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 libssl3 libbz2-1.0 libffi8
      libsqlite3-0 libuuid1 liblzma5 python3-yaml libyaml-0-2`),
  },
  node: {
    architectures: ["amd64"],
    on: "debian",
    packages: words(`
      nodejs libnode108 libbrotli1 libc-ares2 libicu72 libnghttp2-14 libuv1 libssl3 libstdc++6 libexpat1
      node-undici node-busboy node-acorn node-cjs-module-lexer node-iconv node-node-expat node-bindings
      node-file-uri-to-path node-safe-buffer`),
  },
};

/** Programs of coreutils that the images keep. */
const kept = words("cat env false id ls sha256sum sleep sort stat true uname");

/** Where the material is: layers as `ARCHITECTURE/BASE.tar`, the same trees unpacked as `ARCHITECTURE/BASE/`. */
export async function ensureMaterial(site: Site): Promise<string> {
  const recipe = JSON.stringify([recipes, kept, 6]);
  const key = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
  return await builtOnce(site, `truth-${key}`, async (directory) => {
    site.report("Unpacking Debian's packages of amd64, arm64, armhf and i386 for the truth tests");
    const packages = await fetchPackages(site, path.join(directory, "packages"));
    await inParallel(Object.keys(machines), 2, async (name) => {
      for (const base of bases) {
        const architecture = recipes[base].architectures.find((one) => one === name);
        if (architecture === undefined) continue;
        await unpack(site, { base, architecture, directory, packages });
      }
    });
    await rm(path.join(directory, "packages"), { recursive: true });
    for (const name of Object.keys(machines)) {
      // Nothing is linked with these or taken from them.
      for (const base of ["daemons", "node"]) {
        await rm(path.join(directory, name, base), { recursive: true, force: true });
      }
    }
  });
}

export function layerOf(material: string, architecture: Architecture, base: Base): string {
  return path.join(material, architecture, `${base}.tar`);
}

/** The bases that lie below and with that one, the lowest first. */
export function basesOf(base: Base): readonly Base[] {
  const below = recipes[base].on;
  return below === undefined ? [base] : [...basesOf(below), base];
}

type Packages = ReadonlyMap<string, string>;

/** Package files by `NAME:ARCHITECTURE`; one for all architectures is there under each. */
async function fetchPackages(site: Site, directory: string): Promise<Packages> {
  const wanted = new Set<string>();
  for (const { packages, architectures } of Object.values(recipes)) {
    for (const one of architectures) for (const name of packages) wanted.add(`${name}:${one}`);
  }
  const architectures = Object.values(machines).map(({ debian }) => debian);
  const files = await downloadPackages(site, {
    names: [...wanted],
    architectures,
    suite: "bookworm",
    directory,
  });
  const found = new Map<string, string>();
  for (const file of files) {
    const [name = "", , suffix = ""] = path.basename(file, ".deb").split("_");
    for (const one of suffix === "all" ? architectures : [suffix])
      found.set(`${name}:${one}`, file);
  }
  return found;
}

async function unpack(
  site: Site,
  one: {
    readonly base: Base;
    readonly architecture: Architecture;
    readonly directory: string;
    readonly packages: Packages;
  },
): Promise<void> {
  const { base, architecture, directory, packages } = one;
  const at = (name: string) => path.join(directory, architecture, name);
  const root = at(base);
  const { on, packages: names } = recipes[base];
  if (on === undefined) await newRoot(root);
  else
    await cp(at(on), root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  const before = new Set(on === undefined ? [] : await listed(site, root));
  for (const name of names) {
    const file = packages.get(`${name}:${architecture}`);
    if (file === undefined) throw new Error(`${name} of ${architecture} was not downloaded`);
    const programs = name === "coreutils" ? await readdir(path.join(root, "usr/bin")) : undefined;
    // dpkg -x would put a directory in the place of the link /lib.
    const through = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
    await site.run(["sh", "-c", through, "sh", file, root]);
    if (programs !== undefined)
      await keepFew(path.join(root, "usr/bin"), new Set([...programs, ...kept]));
  }
  await thin(root);
  if (base !== "musl") await site.run([...ldconfigOf(directory, architecture), "-r", root]);
  const files = (await listed(site, root)).filter(
    (name) => !before.has(name) || name === "etc/ld.so.cache",
  );
  await writeFile(`${root}.list`, files.join("\0"));
  const flags = ["--sort=name", "--numeric-owner", "--owner=0", "--group=0", "--no-recursion"];
  const list = ["--null", "--verbatim-files-from", `--files-from=${root}.list`];
  await site.run(["tar", "-C", root, ...flags, "-cf", `${root}.tar`, ...list]);
}

/** Debian's merged /usr, as debootstrap lays it out before any package. */
async function newRoot(root: string): Promise<void> {
  for (const name of ["etc", "tmp", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64"]) {
    await mkdir(path.join(root, name), { recursive: true });
  }
  for (const name of ["bin", "sbin", "lib", "lib64"])
    await symlink(`usr/${name}`, path.join(root, name));
  const accounts = ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/:/bin/false"];
  await writeFile(path.join(root, "etc/passwd"), `${accounts.join("\n")}\n`);
  await writeFile(path.join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
}

/** A hundred programs of one package say no more than a dozen. */
async function keepFew(directory: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!names.has(name)) await rm(path.join(directory, name));
  }
}

/** Takes away what no program loads. */
async function thin(root: string): Promise<void> {
  for (const name of [
    "doc",
    "man",
    "locale",
    "lintian",
    "bash-completion",
    "bug",
    "info",
    "zoneinfo",
  ]) {
    await rm(path.join(root, "usr/share", name), { recursive: true, force: true });
  }
  const conversions = Object.values(machines).map(({ triplet }) => `usr/lib/${triplet}/gconv`);
  for (const name of ["usr/lib/systemd", "var", "usr/share/i18n", ...conversions]) {
    await rm(path.join(root, name), { recursive: true, force: true });
  }
}

/** Every path of the tree, in order. Node's own recursive reading would go through the links of a merged /usr. */
async function listed(site: Site, root: string): Promise<readonly string[]> {
  const { stdout } = await site.run(["find", root, "-mindepth", "1", "-printf", "%P\\n"]);
  return stdout.trimEnd().split("\n").toSorted();
}

/** The static ldconfig of that machine's own libc-bin, emulated where need be. */
export function ldconfigOf(material: string, architecture: Architecture): Argv {
  const { emulator } = machines[architecture];
  const ldconfig = path.join(material, architecture, "debian/usr/sbin/ldconfig");
  return emulator === undefined ? [ldconfig] : [`/usr/bin/qemu-${emulator}-static`, ldconfig];
}
