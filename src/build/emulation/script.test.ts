import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { readScript } from "./script.ts";

function scriptIn(run: string) {
  const [instruction] = parseDockerfile(`FROM scratch\n${run}\n`).stages[0]?.instructions ?? [];
  assert.ok(instruction);
  const { form, text, isComplete } = readScript(instruction);
  return [form, isComplete ? text : undefined];
}

test("a RUN's script is its line, its heredoc or what the exec form starts", () => {
  assert.deepEqual(scriptIn("RUN --mount=type=cache,target=/x a && \\\n  b"), ["line", "a &&   b"]);
  assert.deepEqual(scriptIn("RUN <<E\nset -e\na\nE"), ["heredoc", "set -e\na\n"]);
  assert.deepEqual(scriptIn("RUN <<-E\n\ta\n\tE"), ["heredoc", "a\n"]);
  assert.deepEqual(scriptIn("RUN <<E\n#!/usr/bin/env bash\na\nE"), [
    "heredoc",
    "#!/usr/bin/env bash\na\n",
  ]);
  assert.deepEqual(scriptIn('RUN ["/bin/sh", "-c", "a && b"]'), ["exec", "a && b"]);
  assert.deepEqual(scriptIn('RUN ["a", "b c", "it\'s"]'), ["exec", String.raw`a 'b c' 'it'\''s'`]);
  assert.deepEqual(scriptIn("RUN cat <<E > /etc/x\ndata; more\nE"), ["line", "cat <<E > /etc/x"]);
});

test("what another interpreter reads is no script of a shell", () => {
  assert.deepEqual(scriptIn("RUN <<E\n#!/usr/bin/env python3\nprint(1)\nE"), [
    "heredoc",
    undefined,
  ]);
  assert.deepEqual(scriptIn("RUN bash <<E\na\nE"), ["line", undefined]);
  assert.deepEqual(scriptIn(String.raw`RUN ["a", "b\nc"]`), ["exec", undefined]);
});
