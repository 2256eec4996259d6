/** The one push of a shipment, to the registry in memory. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { contextFor } from "../../test/registry/contract.ts";
import { indexOf } from "../../test/registry/image.ts";
import { startMemoryRegistry } from "../../test/registry/memory.ts";
import { isFailure } from "../errors.ts";
import { readImage } from "../image/image.ts";
import { parseReference } from "../oci/reference.ts";
import type { ReportEvent } from "../process/report.ts";
import type { Cargo } from "./cargo.ts";
import { createPush, type PushOptions } from "./push.ts";

const { root, store } = indexOf(["linux/amd64", "linux/arm64"]);

async function cargoNamed(name: string): Promise<Cargo> {
  const image = await readImage(root, { source: store, name });
  const opened = {
    name,
    from: "layout" as const,
    image,
    source: store,
    file: () => undefined,
    close: async () => {},
  };
  const parts = {
    root: { descriptor: root, bytes: await store.read(root) },
    manifests: [],
    blobs: [],
  };
  return {
    subject: name,
    reference: parseReference(name),
    opened,
    image,
    parts,
    file: () => "",
  };
}

async function start(t: TestContext, wishes: Partial<PushOptions> & { repository?: string } = {}) {
  const registry = await startMemoryRegistry();
  t.after(registry.close);
  const events: ReportEvent[] = [];
  const context = await contextFor(t, registry, events);
  const via = { registry: parseReference(`${registry.host}/${wishes.repository ?? "team/app"}`) };
  const push = createPush({ dryRun: false, servers: 2, from: 1, ...wishes, via }, context);
  return { registry, push, events };
}

test("however many ask, it is pushed once, with the image's tag, and pulled by its digest", async (t) => {
  const { registry, push, events } = await start(t);
  const cargo = await cargoNamed("app:1");
  assert.equal(push.result(), undefined);
  const [one, two] = await Promise.all([push.of(cargo), push.of(cargo)]);
  assert.equal(one, two);
  assert.equal(push.result(), one);
  assert.equal(one.reference, `${registry.host}/team/app:1`);
  assert.equal(one.pinned, `${registry.host}/team/app@${root.digest}`);
  assert.deepEqual([one.missing.length, one.blobsPresent], [5, 0]);
  assert.equal(one.bytesSent, one.bytesTotal);
  const puts = registry.requests.filter((line) => line.startsWith("PUT /v2/team/app/manifests/1"));
  assert.equal(puts.length, 1);
  // Its layers are tasks; its configs are not.
  const done = events.filter((event) => event.kind === "task" && event.task.state === "done");
  assert.equal(done.length, 3);
});

test("a tag that was named at the registry goes before the image's", async (t) => {
  const { registry, push } = await start(t, { repository: "app:stable" });
  const { reference } = await push.of(await cargoNamed("app:1"));
  assert.equal(reference, `${registry.host}/app:stable`);
});

test("what another repository of that registry has is not sent", async (t) => {
  const { registry, push } = await start(t);
  const cargo = await cargoNamed("app:1");
  await push.of(cargo);
  const context = await contextFor(t, registry);
  const [via, source] = ["other", "team/app"].map((name) =>
    parseReference(`${registry.host}/${name}`),
  );
  assert.ok(via !== undefined && source !== undefined);
  const options = { via: { registry: via }, source, dryRun: false, servers: 1, from: 1 };
  const mounted = await createPush(options, context).of(cargo);
  assert.deepEqual([mounted.missing.length, mounted.bytesSent], [5, 0]);
});

test("a plan only looks", async (t) => {
  const { registry, push } = await start(t, { dryRun: true });
  const planned = await push.of(await cargoNamed("app:1"));
  assert.deepEqual([planned.outcome, planned.missing.length, planned.bytesSent], ["planned", 5, 0]);
  assert.ok(registry.requests.every((line) => /^(?:GET|HEAD) /.test(line)));
});

test("where it fails it fails for all, and its layers are told so", async (t) => {
  const { registry, push, events } = await start(t);
  registry.faults.push({ method: "PUT", path: /uploads/, answer: 403, times: 9 });
  const cargo = await cargoNamed("app:1");
  const ended = await Promise.allSettled([push.of(cargo), push.of(cargo)]);
  for (const one of ended)
    assert.ok(one.status === "rejected" && isFailure(one.reason, "REGISTRY_DENIED"));
  assert.equal(push.result(), undefined);
  const failed = events.filter(
    (event) => event.kind === "task" && ["failed", "cancelled"].includes(event.task.state),
  );
  assert.equal(failed.length, 3);
});
