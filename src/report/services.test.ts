import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuildResult } from "../build/build.ts";
import type { ServiceOutcome } from "../build/services.ts";
import { fail } from "../errors.ts";
import { buildDocument } from "./build.ts";
import { servicesDocument, servicesExit, servicesText } from "./services.ts";
import { plain } from "./style.ts";

const proven: BuildResult = {
  image: "shop-web:latest",
  outcome: "built",
  verdict: "proven",
  platforms: [],
  loaded: [],
  checks: [],
  steps: [],
  store: "/store",
};
const unproven: BuildResult = { ...proven, verdict: "unproven" };
const refuted: BuildResult = { ...proven, outcome: "refuted", verdict: "refuted" };
const planned: BuildResult = { ...proven, outcome: "planned", verdict: "unproven" };

const done = (service: string, result: BuildResult): ServiceOutcome => ({
  service,
  kind: "done",
  result,
});
const broken: ServiceOutcome = {
  service: "api",
  kind: "failed",
  error: fail("BUILD_STEP_FAILED", { step: "RUN false", exitCode: 1, output: "" }),
};
const unreachable: ServiceOutcome = {
  service: "api",
  kind: "failed",
  error: fail("ENGINE_UNREACHABLE", { host: "there", reason: "" }),
};
const skipped: ServiceOutcome = { service: "web", kind: "skipped", reason: "api failed before it" };

const of = (...outcomes: readonly ServiceOutcome[]) => ({
  project: "shop",
  files: ["compose.yaml"],
  outcomes,
});

const ends: readonly (readonly [readonly ServiceOutcome[], string, string, number, number])[] = [
  [[done("a", proven), done("b", proven)], "built", "proven", 0, 0],
  [[done("a", proven), done("b", unproven)], "built", "unproven", 0, 3],
  [[done("a", refuted), done("b", unproven)], "refuted", "refuted", 1, 1],
  [[done("a", planned), done("b", planned)], "planned", "unproven", 0, 0],
  [[broken, done("b", proven)], "failed", "unproven", 1, 1],
  [[done("a", refuted), unreachable, skipped], "failed", "refuted", 4, 4],
];
for (const [outcomes, outcome, verdict, exit, strictExit] of ends) {
  const names = outcomes.map(({ kind }) => kind).join(", ");
  test(`${names} end as ${outcome}, ${verdict}, with ${exit}, strictly ${strictExit}`, () => {
    const result = of(...outcomes);
    const document = servicesDocument(result);
    assert.deepEqual([document["outcome"], document["verdict"]], [outcome, verdict]);
    assert.equal(servicesExit(result, { strict: false }), exit);
    assert.equal(servicesExit(result, { strict: true }), strictExit);
  });
}

test("an image without a project reads as before", () => {
  assert.deepEqual(servicesDocument(proven), buildDocument(proven));
  assert.equal(servicesExit(refuted, { strict: false }), 1);
  assert.equal(servicesText(proven, plain), "shop-web:latest is in the store /store.");
});

test("one service has the keys of an image, and is the one of images", () => {
  const own = buildDocument(proven);
  assert.deepEqual(servicesDocument(of(done("web", proven))), {
    project: "shop",
    files: ["compose.yaml"],
    ...own,
    images: [{ service: "web", ...own }],
  });
  assert.equal(servicesText(of(done("web", proven)), plain), servicesText(proven, plain));
});

test("of several each has its place, with why it was not built", () => {
  const result = of(done("front", proven), broken, skipped);
  assert.deepEqual(servicesDocument(result)["images"], [
    { service: "front", ...buildDocument(proven) },
    {
      service: "api",
      outcome: "failed",
      error: {
        code: "BUILD_STEP_FAILED",
        message: "The step RUN false ended with exit code 1.",
        hint: "Its last words are its own. Mend that line and build again, what came before it is in the cache: transship build",
        facts: { step: "RUN false", exitCode: 1, output: "" },
      },
    },
    { service: "web", outcome: "skipped", reason: "api failed before it" },
  ]);
  assert.equal(
    servicesText(result, plain),
    [
      "front (shop-web:latest)",
      "  shop-web:latest is in the store /store.",
      "api",
      "  ✗ failed: BUILD_STEP_FAILED",
      "web",
      "  - not built: api failed before it",
      "1 of 3 services of shop are built.",
    ].join("\n"),
  );
});
