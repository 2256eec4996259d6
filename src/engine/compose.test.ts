import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorCode } from "../errors.ts";
import { composeFailure, composeWarnings } from "./compose.ts";

const failures: readonly (readonly [string, ErrorCode, RegExp])[] = [
  [
    "docker: 'compose' is not a docker command.\nSee 'docker --help'\n",
    "COMPOSE_MISSING",
    /compose\.yaml cannot be read/,
  ],
  [
    "docker: unknown command: docker compose\n\nRun 'docker --help' for more information\n",
    "COMPOSE_MISSING",
    /no compose plugin/,
  ],
  ["no such service: nope\n", "SERVICE_UNKNOWN", /no service nope to build/],
  [
    "validating /app/compose.yaml: services.a.build additional properties 'foo' not allowed\n",
    "COMPOSE_INVALID",
    /^compose\.yaml: docker compose does not take it: validating .* 'foo' not allowed$/,
  ],
  [
    'time="2026-11-26T13:29:14Z" level=warning msg="The \\"A\\" variable is not set."\nyaml: unmarshal errors:\n  line 2: mapping key "a" already defined at line 1\n',
    "COMPOSE_INVALID",
    /: yaml: unmarshal errors: line 2: mapping key "a" already defined at line 1$/,
  ],
  [
    "failed to fetch https://me:hunter2@example.org/compose.git\n",
    "COMPOSE_INVALID",
    /https:\/\/me:\*\*\*@example\.org/,
  ],
  ["", "COMPOSE_INVALID", /does not say why/],
];

for (const [stderr, code, message] of failures) {
  test(`${JSON.stringify(stderr.split("\n")[0])} is ${code}`, () => {
    const failure = composeFailure({ file: "compose.yaml", known: ["web"] }, stderr);
    assert.equal(failure.code, code);
    assert.match(failure.message, message);
  });
}

test("what Compose warns of is a sentence each, once", () => {
  const line =
    'time="2026-11-26T13:29:14Z" level=warning msg="The \\"TAG\\" variable is not set. Defaulting to a blank string."';
  const info = 'time="2026-11-26T13:29:14Z" level=info msg="nothing"';
  assert.deepEqual(
    composeWarnings(`${line}\n${info}\n${line}\ntime="x" level=warning msg=obsolete\n`),
    ['The "TAG" variable is not set. Defaulting to a blank string.', "obsolete"],
  );
});
