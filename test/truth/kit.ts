/** What the cases of one machine are made with. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { builtOnce, type Site } from "../../provision/site.ts";
import type { TestFile } from "../image/image.ts";
import { createLinker, type Linker, type ProgramSpec, ready } from "./assembly.ts";
import type { Case, Truth } from "./case.ts";
import { type Architecture, type Machine, machines } from "./machine.ts";
import { type Base, ldconfigOf } from "./material.ts";

/** Path in the image → a program's or library's bytes, a text, or all that a tar header can say. */
export type Files = Readonly<Record<string, TestFile | string | Uint8Array>>;

export interface Kit extends Linker {
  readonly machine: Machine;
  /** The directory of its libraries, `usr/lib/x86_64-linux-gnu`. */
  readonly lib: string;
  /** A program that names glibc's loader, unless another is given. */
  readonly dynamic: (spec: ProgramSpec) => Promise<Uint8Array>;
  /** The ld.so.cache that the machine's own ldconfig makes of these files, the conf naming these directories. */
  readonly loaderCache: (
    files: Readonly<Record<string, Uint8Array>>,
    conf: readonly string[],
  ) => Promise<Uint8Array>;
  /** A file of that machine's packages. */
  readonly file: (base: Base, name: string) => Promise<Uint8Array>;
  /** A Go program that prints `ready` to its standard error, made for the processor that these variables name. */
  readonly go: (variables: Readonly<Record<string, string>>) => Promise<Uint8Array>;
  /** Another machine's kit. */
  readonly other: (architecture: Architecture) => Kit;
  /** A case of this machine: its own layers on Debian's base, `/srv/app` started. */
  readonly one: (
    name: string,
    layers: readonly Files[],
    truth: Truth,
    more?: Partial<Case>,
  ) => Case;
}

/** It starts, and says what every small program says. */
export const starts: Truth = { prints: ready };

export function fails(words: string): Truth {
  return { fails: words };
}

export function linkTo(linkname: string): TestFile {
  return { type: "symlink", linkname };
}

/** Another name of a file of the image; the path is read from the root. */
export function hardLinkTo(linkname: string): TestFile {
  return { type: "link", linkname };
}

export const directory: TestFile = { type: "directory" };

export function createKit(site: Site, material: string, architecture: Architecture): Kit {
  const machine = machines[architecture];
  const linker = createLinker(site, machine, path.join(material, "objects"));
  return {
    ...linker,
    machine,
    lib: `usr/lib/${machine.triplet}`,
    dynamic: async (spec) => await linker.program({ interpreter: machine.glibc, ...spec }),
    loaderCache: async (files, conf) => await loaderCache(site, { material, machine, files, conf }),
    file: async (base, name) => await readFile(path.join(material, architecture, base, name)),
    go: async (variables) => await goProgram(site, machine, variables),
    other: (name) => createKit(site, material, name),
    one: (name, layers, truth, more = {}) => ({
      name: `${machine.debian}: ${name}`,
      machine: architecture,
      base: "debian",
      ...more,
      layers: layers.map(headers),
      truth,
      config: { Entrypoint: ["/srv/app"], ...more.config },
    }),
  };
}

async function goProgram(
  site: Site,
  machine: Machine,
  variables: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const words = Object.entries(variables).map(([name, value]) => `${name}-${value}`);
  const built = await builtOnce(site, `truth-${machine.debian}-${words.join("-")}`, async (at) => {
    await writeFile(path.join(at, "go.mod"), "module app\n\ngo 1.19\n");
    await writeFile(
      path.join(at, "main.go"),
      `package main\n\nfunc main() { println("${ready}") }\n`,
    );
    const env = {
      CGO_ENABLED: "0",
      GOOS: "linux",
      GOARCH: machine.platform.architecture,
      ...variables,
    };
    await site.run(["go", "build", "-ldflags", "-s -w", "-o", "app", "."], { cwd: at, env });
  });
  return await readFile(path.join(built, "app"));
}

export function headers(files: Files): Readonly<Record<string, TestFile | string>> {
  return Object.fromEntries(
    Object.entries(files).map(([name, file]) => [
      name,
      file instanceof Uint8Array ? { content: file } : file,
    ]),
  );
}

async function loaderCache(
  site: Site,
  what: {
    readonly material: string;
    readonly machine: Machine;
    readonly files: Readonly<Record<string, Uint8Array>>;
    readonly conf: readonly string[];
  },
): Promise<Uint8Array> {
  const { material, machine, files, conf } = what;
  const hash = createHash("sha256").update(JSON.stringify([machine.debian, conf]));
  for (const [name, bytes] of Object.entries(files)) hash.update(name).update(bytes);
  const made = path.join(material, "objects", `${hash.digest("hex").slice(0, 24)}.cache`);
  const known = await readFile(made).catch(() => undefined);
  if (known !== undefined) return known;
  const root = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), bytes);
    }
    await mkdir(path.join(root, "etc"), { recursive: true });
    await writeFile(path.join(root, "etc/ld.so.conf"), `${conf.join("\n")}\n`);
    await site.run([...ldconfigOf(material, machine.debian), "-r", root]);
    const cache = await readFile(path.join(root, "etc/ld.so.cache"));
    await mkdir(path.dirname(made), { recursive: true });
    await writeFile(made, cache);
    return cache;
  } finally {
    await rm(root, { recursive: true });
  }
}
