import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { assemble, assemblerMissing } from "../../test/assembly.ts";
import { architectureNames } from "../platform/machine.ts";
import { parsePlatform } from "../platform/platform.ts";
import { exchangeRequest, readExchange } from "./exchange.ts";
import { readDirectory, readFiles } from "./files.ts";
import { probeProgram } from "./program.ts";

/** How each source is assembled: Debian's packages binutils and binutils-<machine>-linux-gnu…. */
const sources = [
  { architecture: "amd64", source: "x86_64.s", tools: "x86_64-linux-gnu-", as: [], ld: [] },
  { architecture: "arm64", source: "aarch64.s", tools: "aarch64-linux-gnu-", as: [], ld: [] },
  {
    architecture: "arm",
    source: "arm.s",
    tools: "arm-linux-gnueabihf-",
    as: ["-march=armv5te"],
    ld: [],
  },
  {
    architecture: "386",
    source: "i386.s",
    tools: "x86_64-linux-gnu-",
    as: ["--32"],
    ld: ["-m", "elf_i386"],
  },
  {
    architecture: "riscv64",
    source: "riscv64.s",
    tools: "riscv64-linux-gnu-",
    as: ["-march=rv64i", "-mno-relax"],
    ld: ["--no-relax"],
  },
] as const;

for (const { architecture, source, tools, as, ld } of sources) {
  void describe(`the probe for ${architecture}`, () => {
    const program = probeProgram(parsePlatform(architecture));
    assert.ok(program);

    void it("is a static ELF program of that architecture, under 1 KiB", () => {
      const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
      const { elf } = architectureNames(parsePlatform(architecture));
      assert.ok(program.byteLength < 1024);
      assert.equal(view.getUint32(0), 0x7f454c46);
      assert.equal(view.getUint8(4), elf.bits === 64 ? 2 : 1);
      assert.equal(view.getUint16(18, true), elf.machine);
    });

    void it(
      "is what its source assembles to, byte for byte",
      { skip: assemblerMissing({ tools }) },
      async () => {
        const from = fileURLToPath(new URL(source, import.meta.url));
        const assembled = await assemble({ source: from, tools, as, ld });
        assert.equal(Buffer.from(program).toString("base64"), assembled.toString("base64"));
      },
    );

    void describe("runs", () => {
      let laid = "";
      let file = "";
      let reason = "";
      after(async () => await rm(laid, { recursive: true, force: true }));
      before(async () => {
        laid = await mkdtemp(path.join(tmpdir(), "transship-probe-"));
        file = path.join(laid, "probe");
        await writeFile(file, program, { mode: 0o755 });
        try {
          execFileSync(file);
        } catch (error) {
          reason = `this machine cannot run ${architecture} programs: ${String(error)}`;
        }
      });

      void it("and prints the machine", (context) => {
        if (reason !== "") return context.skip(reason);
        const printed = execFileSync(file, { encoding: "utf8" });
        const { machine } = architectureNames(parsePlatform(architecture));
        // A 32-bit x86 program on a 64-bit kernel sees the kernel's name.
        const expected = architecture === "386" ? [machine, "x86_64"] : [machine];
        assert.ok(expected.includes(printed.trimEnd()), printed);
        assert.ok(printed.endsWith("\n"));
      });

      void it("and reads files and directories", (context) => {
        if (reason !== "") return context.skip(reason);
        const ownText = fileURLToPath(import.meta.url);
        const printed = execFileSync(file, [ownText, "/nowhere/at/all", "/proc/self/net"]);
        const [text, missing, directory] = readFiles(printed);
        assert.ok(text && directory);
        assert.deepEqual(Buffer.from(text.bytes), readFileSync(ownText));
        assert.deepEqual(missing, { bytes: new Uint8Array(), errno: 2 });
        assert.ok(readDirectory(directory.bytes).includes("route"));
      });

      void it("and exchanges bytes over a socket", async (context) => {
        if (reason !== "") return context.skip(reason);
        const server = createServer((socket) => {
          socket.on("data", (data) => socket.end(`you said ${data.toString()}`));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const address = server.address();
        assert.ok(typeof address === "object" && address !== null);
        const target = { address: "127.0.0.1", port: address.port };
        const hello = {
          target,
          transport: "tcp",
          payload: Buffer.from("hello"),
          seconds: 5,
        } as const;
        const { exitCode, stdout } = await converse(file, exchangeRequest(hello));
        server.close();
        assert.deepEqual(readExchange(exitCode), { kind: "done" });
        assert.equal(Buffer.from(stdout).toString(), "you said hello");
        await new Promise((resolve) => server.once("close", resolve));
        const silent = { target, transport: "tcp", payload: new Uint8Array(), seconds: 5 } as const;
        const refused = await converse(file, exchangeRequest(silent));
        assert.deepEqual(readExchange(refused.exitCode), { kind: "refused" });
      });
    });
  });
}

async function converse(file: string, request: Uint8Array) {
  const child = spawn(file, ["x"], { stdio: ["pipe", "pipe", "inherit"] });
  const chunks: Uint8Array[] = [];
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  child.stdin.end(request);
  const exitCode = await new Promise<number>((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGALRM" ? 142 : 255))),
  );
  return { exitCode, stdout: Buffer.concat(chunks) };
}
