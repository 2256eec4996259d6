import assert from "node:assert/strict";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "../../test/directory.ts";
import type { DeployedService } from "../config/deployment.ts";
import { isFailure } from "../errors.ts";
import { readRunFiles } from "./run-files.ts";

type Source = DeployedService["secrets"][number]["source"];
const env = { KEY: "correct horse", EMPTY: "" };

async function read(...sources: readonly Source[]) {
  const secrets = sources.map((source, n) => ({
    name: `key${n}`,
    target: `/run/secrets/${n}`,
    source,
  }));
  return await readRunFiles({ secrets, configs: [] }, env);
}

async function refusal(source: Source): Promise<string> {
  try {
    await read(source);
  } catch (error) {
    assert.ok(isFailure(error, "SECRET_UNREADABLE"), String(error));
    assert.ok(!JSON.stringify([error.message, error.hint, error.facts]).includes("correct horse"));
    return error.message;
  }
  throw new Error("it was taken");
}

async function fileWith(t: TestContext, content: string | Uint8Array): Promise<Source> {
  return { file: path.join(await directoryWith(t, { key: content }), "key") };
}

test("secrets and configurations, from files, variables and compose.yaml itself", async (t) => {
  const secrets = [
    { name: "key", target: "/run/secrets/key", source: await fileWith(t, "a\nb'ä\n") },
    { name: "none", target: "/run/secrets/none", source: { variable: "EMPTY" } },
  ];
  const configs = [{ name: "conf", target: "/etc/conf", source: { content: "x=1" } }];
  assert.deepEqual(await readRunFiles({ secrets, configs }, env), [
    { name: "0-secret", target: "/run/secrets/key", content: "a\nb'ä\n" },
    { name: "1-secret", target: "/run/secrets/none", content: "" },
    { name: "2-config", target: "/etc/conf", content: "x=1" },
  ]);
});

test("what no shell can carry is refused, and not a byte of it told", async (t) => {
  assert.match(
    await refusal(await fileWith(t, "correct horse\0")),
    /is no text \(encode it: base64\)/,
  );
  assert.match(await refusal(await fileWith(t, Uint8Array.of(0xff, 0xfe))), /is no text/);
  assert.match(await refusal({ content: "correct horse\0" }), /is no text/);
});

test("there is a limit to what goes as a file", async (t) => {
  const most = 1_000_000;
  const [fits] = await read(await fileWith(t, "x".repeat(most)));
  assert.equal(fits?.content.length, most);
  assert.match(
    await refusal(await fileWith(t, "x".repeat(most + 1))),
    /1000001 bytes, 1000000 at most/,
  );
  assert.match(await refusal({ content: "x".repeat(most + 1) }), /1000001 bytes, 1000000 at most/);
});

test("what is not there is told by its name", async (t) => {
  const directory = await directoryWith(t, {});
  assert.match(await refusal({ file: directory }), /key0 cannot be read: .* cannot be read/);
  assert.match(await refusal({ file: path.join(directory, "absent") }), /absent cannot be read/);
  assert.match(await refusal({ variable: "ABSENT" }), /the variable ABSENT is not set/);
});
