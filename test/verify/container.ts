/** Containers for tests of the loader's and the kernel's rules: files by what is known of them, without any bytes. */
import type { Content } from "../../src/binary/content.ts";
import type { Elf, ElfDynamic } from "../../src/binary/elf/elf.ts";
import type { Entry } from "../../src/filesystem/entry.ts";
import { mergeLayers, type Tree } from "../../src/filesystem/tree.ts";
import type { ImageConfig } from "../../src/oci/document.ts";
import { architectureNames } from "../../src/platform/machine.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { type Container, containerOf } from "../../src/verify/container.ts";
import { parseCpuLevel } from "../../src/verify/cpu.ts";
import { arrayList } from "../filesystem/array-list.ts";

/** A file by what is known of it; `-> target` is a symbolic link, any other text a file with that text in it. */
export type TestFile = string | Partial<Entry>;

/** Paths without a leading slash; one that ends with a slash is a directory. */
export type TestFiles = Readonly<Record<string, TestFile>>;

export interface ElfWords extends Partial<Omit<Elf, "dynamic">> {
  /** Of which architecture; default amd64. */
  readonly architecture?: Parameters<typeof architectureNames>[0]["architecture"];
  readonly dynamic?: Partial<ElfDynamic>;
}

/** What is known of an ELF file: a 64-bit x86 program linked statically, unless said otherwise. */
export function elfContent({ architecture = "amd64", dynamic, ...words }: ElfWords = {}): Extract<
  Content,
  { kind: "elf" }
> {
  const { machine, bits, littleEndian } = architectureNames({ architecture }).elf;
  return {
    kind: "elf",
    elf: {
      machine,
      bits,
      littleEndian,
      type: "shared",
      flags: 0,
      osAbi: 0,
      abiVersion: 0,
      ...words,
      ...(dynamic === undefined ? {} : { dynamic: { ...emptyDynamic, ...dynamic } }),
    },
  };
}

const emptyDynamic: ElfDynamic = {
  needed: [],
  bindNow: false,
  noDefaultLibraries: false,
  isPie: false,
  filters: [],
  auxiliaries: [],
  versionNeeds: [],
};

export const glibcLoader = "/lib64/ld-linux-x86-64.so.2";
export const muslLoader = "/lib/ld-musl-x86_64.so.1";

/** An executable of at least a header's size. */
export function program(words: ElfWords = {}): Partial<Entry> {
  return { mode: 0o755, size: 4096, content: elfContent(words) };
}

/** A program that glibc's loader starts and that needs those libraries. */
export function glibcProgram(needed: readonly string[], dynamic: Partial<ElfDynamic> = {}) {
  return program({ interpreter: glibcLoader, dynamic: { needed, ...dynamic } });
}

/** A library: no execute bit, a dynamic section, its own name. */
export function library(soname: string, words: ElfWords = {}): Partial<Entry> {
  const dynamic = { soname, ...words.dynamic };
  return { mode: 0o644, size: 4096, content: elfContent({ ...words, dynamic }) };
}

/** glibc as Debian lays it out, for {@link glibcProgram}. */
export const glibc: TestFiles = {
  "lib64/ld-linux-x86-64.so.2": "-> /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
  lib: "-> usr/lib",
  "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": {
    ...library("ld-linux-x86-64.so.2"),
    mode: 0o755,
  },
  "usr/lib/x86_64-linux-gnu/libc.so.6": library("libc.so.6", {
    dynamic: {
      needed: ["ld-linux-x86-64.so.2"],
      versionDefinitions: ["GLIBC_2.2.5", "GLIBC_2.33", "GLIBC_2.36"],
    },
  }),
};

export const musl: TestFiles = {
  "lib/ld-musl-x86_64.so.1": { ...library("libc.musl-x86_64.so.1"), mode: 0o755 },
};

export function treeOf(...layers: readonly TestFiles[]): Tree {
  return mergeLayers(
    layers.map((files) => ({
      list: arrayList(Object.entries(files).map(([name, file]) => entryOf(name, file))),
    })),
  );
}

function entryOf(name: string, file: TestFile): Entry {
  const path = name.replace(/\/$/, "");
  const common = { path, mode: 0o644, uid: 0, gid: 0, size: 0 };
  if (name.endsWith("/")) {
    const own = typeof file === "string" ? {} : file;
    return { ...common, type: "directory", mode: 0o755, ...own };
  }
  if (typeof file !== "string") return { ...common, type: "file", ...file };
  const [, target] = /^-> (.*)$/.exec(file) ?? [];
  if (target !== undefined) return { ...common, type: "symlink", mode: 0o777, target };
  const bytes = Buffer.from(file);
  const isScript = file.startsWith("#!");
  const content: Content = isScript
    ? { kind: "script", head: bytes.subarray(0, 256) }
    : { kind: "text", text: file };
  return { ...common, type: "file", mode: isScript ? 0o755 : 0o644, size: bytes.length, content };
}

export interface ContainerWords extends Partial<ImageConfig["config"]> {
  /** Default linux/amd64. */
  readonly platform?: string;
  /** `x86-64-v2`. */
  readonly cpu?: string;
}

/** The container of an image with those files. */
export function testContainer(
  files: TestFiles | readonly TestFiles[],
  { platform = "linux/amd64", cpu, ...config }: ContainerWords = {},
): Container {
  const layers: readonly TestFiles[] = isLayers(files) ? files : [files];
  const { container } = containerOf(
    treeOf(...layers),
    { Env: [], Entrypoint: [], Cmd: [], ...config },
    {
      platform: parsePlatform(platform),
      ...(cpu === undefined ? {} : { cpu: parseCpuLevel(cpu) }),
    },
  );
  return container;
}

function isLayers(files: TestFiles | readonly TestFiles[]): files is readonly TestFiles[] {
  return Array.isArray(files);
}
