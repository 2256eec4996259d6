import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { elfServes, readElfHeader } from "../binary/elf.ts";
import { parsePlatform } from "../platform/platform.ts";
import { serviceProgram } from "./service.ts";

const run = promisify(execFile);

for (const [architecture, machine] of [
  ["amd64", "x86_64"],
  ["arm64", "aarch64"],
] as const) {
  const platform = parsePlatform(architecture);
  const program = serviceProgram(platform) ?? new Uint8Array();
  const tool = `${machine}-linux-gnu-`;

  test(`the service for ${architecture} is a static ELF program of that platform, under 1 KiB`, () => {
    const header = readElfHeader(program);
    assert.ok(header && elfServes(header, platform));
    assert.ok(program.byteLength < 1024);
  });

  test(
    `the service for ${architecture} is what its source assembles to, byte for byte`,
    { skip: isInstalled(`${tool}as`) ? false : `needs ${tool}as (Debian: binutils-…)` },
    async (context) => {
      const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
      context.after(async () => await rm(directory, { recursive: true }));
      const at = (name: string) => path.join(directory, name);
      await run(`${tool}as`, [
        "-o",
        at("o"),
        fileURLToPath(new URL(`${machine}.s`, import.meta.url)),
      ]);
      await run(`${tool}ld`, ["-Ttext=0x400000", "-e", "0x400000", "-o", at("elf"), at("o")]);
      await run(`${tool}objcopy`, ["-O", "binary", "-j", ".text", at("elf"), at("bin")]);
      assert.deepEqual(await readFile(at("bin")), Buffer.from(program));
    },
  );
}

test("a platform without a service has none", () => {
  assert.equal(serviceProgram(parsePlatform("s390x")), undefined);
});

function isInstalled(name: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((at) => existsSync(path.join(at, name)));
}
