import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, isFailure } from "../errors.ts";
import { parseSource } from "./locate.ts";
import { placed } from "./refusal.ts";

const text = `services:
  my.web:
    bild: .
    ports: 3
`;
const sources = [parseSource({ name: "compose.yaml", text })];

/** The error's own place for those words of Compose. */
function fileOf(problem: string): unknown {
  const error = placed(fail("COMPOSE_INVALID", { file: "compose.yaml", problem }), sources);
  return isFailure(error) ? error.facts["file"] : error;
}

const words: readonly (readonly [string, string])[] = [
  ["services.my.web additional properties 'bild' not allowed", "compose.yaml:3:5"],
  ["services.my.web Additional property bild is not allowed", "compose.yaml:3:5"],
  ["(root) Additional property servics is not allowed", "compose.yaml:1:1"],
  ["services.my.web.ports must be a array", "compose.yaml:4:12"],
  ["services.my.web.ports.0 must be a string", "compose.yaml:4:5"],
  ["error while interpolating services.my.web.ports: no", "compose.yaml:4:12"],
  ["Invalid containerPort: b", "compose.yaml"],
];

for (const [problem, place] of words) {
  test(`"${problem}" is at ${place}`, () => {
    assert.equal(fileOf(problem), place);
    assert.equal(fileOf(`validating /app: x/compose.yaml: ${problem}`), place);
  });
}

test("another error stays as it is", () => {
  const error = new Error("other");
  assert.equal(placed(error, sources), error);
});
