import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext } from "../../context.ts";
import type { ReportEvent } from "../../process/report.ts";
import type { Server } from "../../server/server.ts";
import { defaultProxyImage } from "./image.ts";
import { chooseProxyImage } from "./prepare.ts";

/** Of a server whose proxy has that label, and whose engine has every image: what is taken, which one it was asked for, and what is told. */
async function chosen(label: string, wanted?: string) {
  const scripts: string[] = [];
  const server: Server = {
    target: { host: "vps" },
    name: "vps",
    shell: {
      async run(script) {
        scripts.push(script);
        const stdout = script.includes("dev.transship.proxy") ? label : "";
        return await Promise.resolve({ exitCode: 0, stdout, stderr: "" });
      },
      forwardedPort: () => undefined,
      close: async () => await Promise.resolve(),
    },
  };
  const told: ReportEvent[] = [];
  const { signal } = new AbortController();
  const context = createContext({ signal, report: (event) => told.push(event), env: {} });
  const image = await chooseProxyImage({ server, facts: { access: "docker" } }, wanted, context);
  const asked = scripts.flatMap((one) => /image inspect --format \. (\S+)/.exec(one)?.[1] ?? []);
  return { image, asked, warned: told.some(({ kind }) => kind === "warning") };
}

const old = "haproxy:3.0-alpine 80:8080 443:8443\n";

test("where there is no proxy, its image is looked for: that which is named, else the usual one", async () => {
  // A container without our label is no proxy of ours.
  for (const none of ["", "\n", "<no value>\n"]) {
    const usual = { image: defaultProxyImage, asked: [defaultProxyImage], warned: false };
    assert.deepEqual(await chosen(none), usual);
  }
  const named = { image: "mine:1", asked: ["mine:1"], warned: false };
  assert.deepEqual(await chosen("", "mine:1"), named);
});

test("a proxy that is there needs no image, unless another one is named", async () => {
  const same = { image: "haproxy:3.0-alpine", asked: [], warned: false };
  assert.deepEqual(await chosen(old), same);
  assert.deepEqual(await chosen(old, "haproxy:3.0-alpine"), same);
  const other = { image: "mine:1", asked: ["mine:1"], warned: true };
  assert.deepEqual(await chosen(old, "mine:1"), other);
});
