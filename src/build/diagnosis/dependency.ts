/** What goes wrong because something in the stage was made, or installed, for another platform. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";

/**
 * Packages of Node keep their compiled part in one package a platform, named `…-linux-x64-gnu` or `@esbuild/linux-x64`, all of
 * them optional dependencies. A lock file or node_modules of another platform lacks the one that is wanted. The words are
 * those of rollup (`native.js`), esbuild (`lib/npm/node-platform.ts`), sharp (`lib/sharp.js`), Next (`build/swc`) and the
 * loader that napi-rs generates for swc, lightningcss, oxide and others.
 */
const platformPackage =
  /((?:@[\w.-]+\/)?[\w.-]*\b(?:linux|linuxmusl)-(?:x64|arm64|arm|ia32|ppc64|s390x|riscv64)(?:-\w+)?)/;

const optional: Rule = programRule(({ output, step, platform }) => {
  const name = lastMatch(
    output,
    new RegExp(`Cannot find module ['"]?${platformPackage.source}['"]?(?:$|[.\\s])`),
    // A file beside the loader; the project's own modules are no such file.
    new RegExp(`Cannot find module '(?:\\.{1,2}/)+${platformPackage.source}\\.node'`),
    new RegExp(`package "${platformPackage.source}" could not be found, and is needed`),
    new RegExp(`needs the "${platformPackage.source}" package instead`),
    /Could not load the "(sharp)" module using the \S+ runtime/,
    new RegExp(`Failed to load (?:SWC binary for|native binding:?) ?${platformPackage.source}`),
    /Failed to load (SWC) binary for linux\/\w+/,
  )?.[1];
  if (name === undefined) return undefined;
  return fail("STEP_DEPENDENCY_MISSING", { step, package: name, platform, cpu: nodeCpu(platform) });
});

/** Node's name for the architecture, as `npm install --cpu` takes it. */
function nodeCpu(platform: string): string {
  const architecture = platform.split("/")[1] ?? "";
  const names: Readonly<Record<string, string>> = { amd64: "x64", "386": "ia32", ppc64le: "ppc64" };
  return names[architecture] ?? architecture;
}

/**
 * glibc's loader says what it dislikes of a library (glibc, `elf/dl-load.c`): `invalid ELF header` of a Mach-O file of a Mac,
 * `wrong ELF class` of 32 bits; of another machine's it says that there is no such file. musl says `Exec format error`.
 */
const module: Rule = programRule(({ output, step, platform }) => {
  const file = lastMatch(
    output,
    /(?:^|[\s:])(\/\S+): (?:invalid ELF header|wrong ELF class: \S+|ELF file's phentsize.*|ELF load command.*)/,
    /(\/\S+\.node): cannot open shared object file/,
    /Error loading shared library (\S+): Exec format error/,
    /(?:dlopen\(|['"])(\S+?)['"),].*(?:not a mach-o file|slice is not valid mach-o file)/,
  )?.[1];
  return file === undefined ? undefined : fail("STEP_MODULE_FOREIGN", { step, file, platform });
});

/**
 * The linkers' words for an object of another machine (binutils, `ld/ldlang.c`, `ld/ldfile.c`, `bfd/bfd.c`; LLVM's lld, `ELF/InputFiles.cpp`).
 * A library that GNU ld skips is another one's place in its search: it fails only where it finds none.
 */
const object: Rule = programRule(({ output, step, platform }) => {
  const isUnfound = lastMatch(output, /\bcannot find -l/) !== undefined;
  const found = lastMatch(
    output,
    /(?:^|[\s:])(\S+): (?:error adding symbols: )?file in wrong format$/i,
    /architecture of input file `([^']+)' is incompatible with/,
    /\blld: error: (\S+) is incompatible with/,
    ...(isUnfound ? [/skipping incompatible (\S+) when searching for/] : []),
  );
  const file = found?.[1];
  return file === undefined ? undefined : fail("STEP_OBJECT_FOREIGN", { step, file, platform });
});

export const dependencyRules: readonly Rule[] = [optional, module, object];
