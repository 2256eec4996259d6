/**
 * The real kernel and the real loader judge verify: every image here is started as well as verified. Kernel and loader are the
 * same whatever the engine, so it is told on one.
 */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { mediaTypes } from "../../src/oci/document.ts";
import { hexOf } from "../../src/oci/digest.ts";
import { casesOf } from "../truth/cases/cases.ts";
import { compare, type Compared, rowOf, summaryOf } from "../truth/comparison.ts";
import { type Envelope, envelopes } from "../truth/envelope.ts";
import { judgePulled } from "../truth/judge.ts";
import { startLiar } from "../truth/liar.ts";
import { mutated, mutations, mutationSubject } from "../truth/mutation.ts";
import { tell, tryCases } from "../truth/trial.ts";
import { openWorkshop, type Workshop } from "../truth/workshop.ts";
import { directory, engineTest, type TestEngine } from "./engine.ts";

/** A test with all that the truth is told with; skipped, with the reason, where it cannot be had. */
function truthTest(
  name: string,
  body: (workshop: Workshop, context: TestContext) => Promise<void>,
): void {
  engineTest(name, async (engine, context) => {
    if (engine.name !== "classic") {
      context.skip("kernel and loader are the same on every engine: told on classic");
      return;
    }
    const workshop = await workshopOf(engine, context);
    if (workshop.outcome === "cannot") context.skip(workshop.reason);
    else await body(workshop, context);
  });
}

async function workshopOf({ provisioned }: TestEngine, { signal }: TestContext) {
  return await openWorkshop({ report, signal, cache: provisioned });
}

function report(line: string): void {
  process.stdout.write(`# ${line}\n`);
}

/** Says what came out, each disagreement in a line of its own. */
function agree(compared: readonly Compared[], context: TestContext): void {
  context.diagnostic(summaryOf(compared));
  for (const one of compared) {
    if (one.verdict === "unproven")
      context.diagnostic(`unproven: ${one.name}: ${one.reasons.join("; ")}`);
  }
  const wrong = compared.filter(({ disagreement }) => disagreement !== undefined);
  assert.deepEqual(wrong.map(rowOf), [], "verdicts that are not the truth");
}

/** A case that does not show what it was made to show says nothing about verify. */
function hold(compared: readonly Compared[]): void {
  const odd = compared.filter(({ isAsExpected }) => !isAsExpected);
  assert.deepEqual(odd.map(rowOf), [], "cases that went otherwise than they say");
}

truthTest(
  "what verify proves starts, and what it refutes says the sentence",
  async (workshop, context) => {
    const at = await directory(context);
    const cases = await casesOf(workshop);
    const compared = await tryCases(cases, workshop, {
      repository: "transship-truth",
      directory: at,
    });
    hold(compared);
    agree(compared, context);
    const unproven = compared.filter(({ verdict }) => verdict === "unproven");
    assert.ok(
      unproven.length <= compared.length / 20,
      "more than one in twenty was left undecided",
    );
  },
);

truthTest("an image whose bytes are not what its documents say", async (workshop, context) => {
  const all = await envelopes(await workshop.kit("amd64").program({}));
  const liar = await startLiar(all);
  context.after(() => liar.close());
  const compared: Compared[] = [];
  for (const [n, one] of all.entries()) {
    const { name, truth, platform } = one;
    const judged = await judgePulled(workshop.socket, `${liar.host}/${n}:1`, platform);
    const at = await directory(context);
    await writeEnvelope(one, at);
    const told = await tell({ transport: "oci", directory: at }, { platform, cache: at });
    compared.push(compare({ name, truth, config: { Entrypoint: ["/srv/app"] } }, told, judged));
  }
  hold(compared);
  agree(compared, context);
});

async function writeEnvelope({ root, blobs }: Envelope, at: string): Promise<void> {
  await mkdir(path.join(at, "blobs/sha256"), { recursive: true });
  for (const [digest, bytes] of blobs)
    await writeFile(path.join(at, "blobs/sha256", hexOf(digest)), bytes);
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [root] };
  await writeFile(path.join(at, "index.json"), JSON.stringify(index));
  await writeFile(path.join(at, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}

/** The same damage on every run, so that a change is told by it; `TRANSSHIP_SEED` asks for other, `TRANSSHIP_MUTATIONS` for more. */
truthTest("no verdict on a damaged image is wrong", async (workshop, context) => {
  const seed = Number(process.env["TRANSSHIP_SEED"] ?? 1);
  const count = Number(process.env["TRANSSHIP_MUTATIONS"] ?? 40);
  context.diagnostic(`TRANSSHIP_SEED=${seed}`);
  const kit = workshop.kit("amd64");
  const subject = await mutationSubject(kit);
  const cases = mutations(seed, count).map((mutation) => mutated(kit, subject, mutation));
  const whole = subject.starts.map((_, start) => mutated(kit, subject, { start, changes: [] }));
  const at = await directory(context);
  const compared = await tryCases([...whole, ...cases], workshop, {
    repository: "transship-mutation",
    directory: at,
  });
  hold(compared.slice(0, whole.length));
  agree(compared, context);
});
