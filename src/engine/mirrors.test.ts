import assert from "node:assert/strict";
import { test } from "node:test";
import { fail } from "../errors.ts";
import type { Docker } from "./docker.ts";
import { hubMirrors, readMirrors } from "./mirrors.ts";

test("mirrors are read in their order, and what is no address of one is passed over", () => {
  const Mirrors = [
    "https://mirror.example.org/",
    "http://10.0.0.2:5000/hub/",
    "ftp://mirror.example.org/",
    "https://ann:secret@mirror.example.org/",
    "https://mirror.example.org/?a=b",
    "mirror",
  ];
  const read = readMirrors(JSON.stringify({ Mirrors, IndexConfigs: {} }));
  assert.deepEqual(read.map(String), ["https://mirror.example.org/", "http://10.0.0.2:5000/hub/"]);
});

test("an engine without mirrors, and none at all, have none", async () => {
  for (const json of ["null", "{}", '{"Mirrors":null}', '{"Mirrors":[]}'])
    assert.deepEqual(readMirrors(json), []);
  const { signal } = new AbortController();
  const none: Docker = { signal, attempt: missing, run: missing, stream: missing };
  assert.deepEqual(await hubMirrors(none), []);
});

async function missing(): Promise<never> {
  throw fail("DOCKER_MISSING", { path: "" });
}
