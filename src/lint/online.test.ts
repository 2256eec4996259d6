import assert from "node:assert/strict";
import { test } from "node:test";
import { contextFor, push } from "../../test/registry/contract.ts";
import { indexOf } from "../../test/registry/image.ts";
import { startMemoryRegistry } from "../../test/registry/memory.ts";
import { parseIndex } from "../oci/document.ts";
import { parsePlatform } from "../platform/platform.ts";
import type { ReportEvent } from "../process/report.ts";
import { lint } from "./lint.ts";
import { askRegistries } from "./online.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);

test("a registry tells the digest of an index from that of one platform's image", async (t) => {
  const registry = await startMemoryRegistry();
  t.after(registry.close);
  const context = await contextFor(t, registry);
  const both = indexOf(["linux/amd64", "linux/arm64"]);
  await push(both, `${registry.host}/app:1`, context);
  const { manifests } = parseIndex(await both.store.read(both.root));
  const [index = "", arm64 = ""] = [both.root.digest, manifests[1]?.digest].map(
    (digest) => `${registry.host}/app@${digest}`,
  );
  const text = `FROM ${index} AS tools\nFROM ${arm64}\nCOPY --from=tools /bin /bin\n`;
  assert.deepEqual(
    await askRegistries(text, { platforms }, context),
    new Map([
      [index, { kind: "index", platforms: ["linux/amd64", "linux/arm64"] }],
      [arm64, { kind: "single", platforms: ["linux/arm64"] }],
    ]),
  );
  const asked = { platforms, text: { content: text, name: "absent/Dockerfile" } };
  const { files } = await lint({ ...asked, online: true }, context);
  assert.deepEqual(
    files[0]?.findings.map(({ rule, range, platforms: on }) => ({ rule, line: range.line, on })),
    [{ rule: "R9", line: 2, on: ["linux/amd64"] }],
  );
  registry.requests.length = 0;
  assert.equal((await lint(asked, context)).outcome, "clean");
  assert.deepEqual(registry.requests, []);
});

test("what a registry does not say is a note, and no finding", async (t) => {
  const registry = await startMemoryRegistry({
    auth: "basic",
    login: { username: "a", password: "b" },
  });
  t.after(registry.close);
  const events: ReportEvent[] = [];
  const context = await contextFor(t, { host: registry.host }, events);
  const name = `${registry.host}/app@sha256:${"0".repeat(64)}`;
  assert.deepEqual(await askRegistries(`FROM ${name}\n`, { platforms }, context), new Map());
  const notes = events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
  assert.equal(notes.length, 1);
  assert.ok(notes[0]?.startsWith(`For which platform ${name} is, is not known: `));
});
