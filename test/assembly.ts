/** Assembles a source of ours again, so that a test can hold its program against it. Tools: Debian's binutils packages. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Assembly {
  /** Absolute. */
  readonly source: string;
  /** `aarch64-linux-gnu-`. */
  readonly tools: string;
  /** Flags of `as` and `ld`. */
  readonly as?: readonly string[];
  readonly ld?: readonly string[];
}

/** Why it cannot be assembled here, for a test's `skip`; `false` where it can. */
export function assemblerMissing({ tools }: Pick<Assembly, "tools">): string | false {
  const found = (process.env["PATH"] ?? "").split(":");
  const isInstalled = found.some((at) => existsSync(path.join(at, `${tools}as`)));
  return isInstalled ? false : `needs ${tools}as (Debian: binutils-…)`;
}

/** The flat program: header, code and data as they stand in the source. */
export async function assemble({ source, tools, as = [], ld = [] }: Assembly): Promise<Buffer> {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  const at = (name: string) => path.join(directory, name);
  try {
    await run(`${tools}as`, [...as, "-o", at("o"), source]);
    await run(`${tools}ld`, [...ld, "-Ttext=0x400000", "-e", "0x400000", "-o", at("elf"), at("o")]);
    await run(`${tools}objcopy`, ["-O", "binary", "-j", ".text", at("elf"), at("flat")]);
    return await readFile(at("flat"));
  } finally {
    await rm(directory, { recursive: true });
  }
}
