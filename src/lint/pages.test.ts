import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSilent, findingsOf } from "../../test/lint/findings.ts";
import { parseDockerfile } from "../dockerfile/syntax.ts";
import { rules } from "./rules.ts";

for (const { id, bad, good, context } of rules) {
  test(`the page of ${id} shows what it finds, and what lint has nothing against`, () => {
    const beside = context === undefined ? {} : { context };
    for (const text of [bad, good]) assert.deepEqual(parseDockerfile(text).problems, []);
    assert.notDeepEqual(findingsOf(id, bad, beside), []);
    assertSilent(good, beside);
  });
}
