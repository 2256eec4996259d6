/** `transship ship --to FILE`: what engines and servers make of the archive, and what an interrupt or a full disk leaves. */
import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { layoutOf, randomLayer } from "./cargo.ts";
import {
  type CleanUp,
  directory,
  docker,
  engineTest,
  lastFirst,
  main,
  transship,
  until,
} from "./engine.ts";
import { bareMachine } from "./machine.ts";

const document = z.object({
  digest: z.string(),
  via: z.string(),
  bytesSent: z.number(),
  bytesTotal: z.number(),
  layersSent: z.number(),
  layersPresent: z.number(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
const written = document.extend({
  file: z.string(),
  sha256: z.string(),
  platforms: z.array(z.object({ platform: z.string(), verdict: z.string() })),
});

const name = "ship-archive:1";

/** The images of that name go when the test ends. */
function removeAfter(context: CleanUp): void {
  context.after(async () => void (await docker("image", "rm", "--force", name)));
}

engineTest(
  "ship archive: docker load takes it as it is, plain or packed or from a pipe",
  async (engine, testContext) => {
    const context = lastFirst(testContext);
    removeAfter(context);
    const layers = [randomLayer("data", 2_000_000)];
    const layout = await layoutOf(context, { layers, architectures: ["arm64", "amd64"] });
    const place = await directory(context);
    const ship = ["ship", `oci:${layout}`, "--name", name, "--to"];

    const file = path.join(place, "app.tar.zst");
    const one = await transship([...ship, file, "--json"]);
    assert.equal(one.exitCode, 0, one.stderr);
    const result = written.parse(JSON.parse(one.stdout));
    assert.deepEqual([result.via, result.layersSent, result.layersPresent], ["archive", 3, 0]);
    assert.deepEqual(
      result.platforms.map(({ platform, verdict }) => [platform, verdict]),
      [
        ["linux/arm64", "proven"],
        ["linux/amd64", "proven"],
      ],
    );
    await execa("sha256sum", ["--check", "--strict", "app.tar.zst.sha256"], { cwd: place });
    assert.match(await docker("load", "--input", file), /Loaded image: ship-archive:1/);
    assert.equal(await docker("run", "--rm", name), "x86_64");
    const id = await docker("image", "inspect", "--format", "{{.Id}}", name);
    if (engine.imageStore === "containerd") assert.equal(id, result.digest);
    const proof = await transship(["verify", `oci-archive:${file}`]);
    assert.equal(proof.exitCode, 0, proof.stderr);

    const plain = path.join(place, "app.tar");
    const two = await transship([...ship, plain, "--platform", "linux/amd64"]);
    assert.equal(two.exitCode, 0, two.stderr);
    await docker("image", "rm", "--force", name);
    await docker("load", "--input", plain);
    assert.equal(await docker("run", "--rm", name), "x86_64");

    await docker("image", "rm", "--force", name);
    const three = execa(process.execPath, [main, ...ship, "-"], { buffer: { stdout: false } });
    const loaded = await three.pipe("docker", ["load"], { timeout: 60_000 });
    assert.match(loaded.stdout, /Loaded image: ship-archive:1/);
    assert.ok((await three).stderr.includes(`${result.sha256}  -`));
    assert.equal(await docker("run", "--rm", name), "x86_64");
  },
);

engineTest(
  "ship archive: from the file to a server, once its sum was found right",
  async (engine, testContext) => {
    const context = lastFirst(testContext);
    removeAfter(context);
    const machine = await bareMachine(engine, context);
    const server = machine.endpoint.replace("ssh://", "");
    const store = await directory(context);
    const ship = async (file: string, ...more: readonly string[]) => {
      const words = ["ship", "--from", file, server, "--store", store, "--json", ...more];
      const ended = await transship(words, { env: { PATH: machine.path } });
      return { ...ended, ...document.partial().parse(JSON.parse(ended.stdout)) };
    };
    const architectures = ["arm64", "amd64"];
    const layers = [randomLayer("data", 2_000_000)];
    const layout = await layoutOf(context, { layers, architectures });
    const file = path.join(await directory(context), "app.tar.zst");
    const write = await transship(["ship", `oci:${layout}`, "--name", name, "--to", file]);
    assert.equal(write.exitCode, 0, write.stderr);

    const planned = await ship(file, "--dry-run");
    assert.equal(planned.exitCode, 0, planned.stderr);
    assert.deepEqual(await readdir(store), []);
    const one = await ship(file);
    assert.equal(one.exitCode, 0, one.stderr);
    assert.deepEqual([one.via, one.layersSent], ["pull", 2]);
    assert.equal(await machine.docker("run", "--rm", name), "x86_64");
    const two = await ship(file);
    assert.deepEqual([two.layersSent, two.bytesSent], [0, 0], two.stderr);

    // What docker itself saved, and by the other way.
    await docker("load", "--input", file);
    const saved = path.join(await directory(context), "saved.tar");
    await docker("save", "--output", saved, name);
    const three = await ship(saved, "--name", "ship-archive:2", "--via", "load");
    assert.equal(three.exitCode, 0, three.stderr);
    assert.equal(await machine.docker("run", "--rm", "ship-archive:2"), "x86_64");
    assert.match(three.stderr, /There is no .*saved\.tar\.sha256/);

    await appendFile(file, "x");
    const changed = await ship(file, "--name", "ship-archive:3");
    assert.equal(changed.exitCode, 1);
    assert.equal(changed.error?.code, "ARCHIVE_SUM_DIFFERS");
    await rm(`${file}.sha256`);
    const cut = await ship(file, "--name", "ship-archive:3");
    assert.equal(cut.error?.code, "ARCHIVE_UNREADABLE", cut.stderr);
    assert.doesNotMatch(await machine.docker("image", "ls"), /ship-archive *3/);
  },
);

engineTest(
  "ship archive: Ctrl-C, a kill and a full disk leave nothing",
  async (_engine, testContext) => {
    const context = lastFirst(testContext);
    const layers = [randomLayer("data", 60_000_000)];
    const layout = await layoutOf(context, { layers });
    const place = await directory(context);
    const ship = ["ship", `oci:${layout}`, "--name", name, "--to"];
    for (const [signal, exitCode] of [
      ["SIGINT", 130],
      ["SIGKILL", undefined],
    ] as const) {
      const words = [main, ...ship, path.join(place, "app.tar.zst")];
      const running = execa(process.execPath, words, { reject: false, timeout: 60_000 });
      // It is about to be written; one of its first layers may be under way.
      running.stderr.on("data", (text: Buffer) => {
        if (/^• Write /m.test(text.toString())) running.kill(signal);
      });
      assert.equal((await running).exitCode, exitCode);
      await until(async () => (await readdir(place)).length === 0);
    }

    const disk = path.join(place, "disk");
    await mkdir(disk);
    await execa("mount", ["-t", "tmpfs", "-o", "size=20m", "tmpfs", disk]);
    context.after(async () => void (await execa("umount", ["--lazy", disk])));
    const full = await transship([...ship, path.join(disk, "app.tar.zst"), "--json"]);
    assert.equal(full.exitCode, 4, full.stderr);
    assert.equal(document.partial().parse(JSON.parse(full.stdout)).error?.code, "DISK_FULL");
    assert.deepEqual(await readdir(disk), []);
  },
);
