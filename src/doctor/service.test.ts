import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assemble, assemblerMissing } from "../../test/assembly.ts";
import { elfServes, readElfHeader } from "../binary/elf/header.ts";
import { parsePlatform } from "../platform/platform.ts";
import { serviceProgram } from "./service.ts";

for (const [architecture, machine] of [
  ["amd64", "x86_64"],
  ["arm64", "aarch64"],
] as const) {
  const platform = parsePlatform(architecture);
  const program = serviceProgram(platform) ?? new Uint8Array();
  const tools = `${machine}-linux-gnu-`;

  test(`the service for ${architecture} is a static ELF program of that platform, under 1 KiB`, () => {
    const header = readElfHeader(program);
    assert.ok(header && elfServes(header, platform));
    assert.ok(program.byteLength < 1024);
  });

  test(
    `the service for ${architecture} is what its source assembles to, byte for byte`,
    { skip: assemblerMissing({ tools }) },
    async () => {
      const source = fileURLToPath(new URL(`${machine}.s`, import.meta.url));
      assert.deepEqual(await assemble({ source, tools }), Buffer.from(program));
    },
  );
}

test("a platform without a service has none", () => {
  assert.equal(serviceProgram(parsePlatform("s390x")), undefined);
});
