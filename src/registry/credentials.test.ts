import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { createContext } from "../context.ts";
import { findCredentials } from "./credentials.ts";

const registry = "registry.example.org";
const ann = { kind: "basic", username: "ann", password: "cor:rect" };
const auth = Buffer.from("ann:cor:rect").toString("base64");
const notStored = { kind: "none", reason: "no login for it is stored" };

/** What a file of docker's holds, and the login that is found in it. */
const files: readonly (readonly [string, object, string, object])[] = [
  ["the login of its name", { auths: { [registry]: { auth } } }, registry, ann],
  ["a name with a port", { auths: { "localhost:5000": { auth } } }, "localhost:5000", ann],
  [
    "an address, as older clients wrote",
    { auths: { [`https://${registry}/v1/`]: { auth } } },
    registry,
    ann,
  ],
  [
    "Docker Hub's own key",
    { auths: { "https://index.docker.io/v1/": { auth } } },
    "docker.io",
    ann,
  ],
  ["Docker Hub by its name", { auths: { "docker.io": { auth } } }, "docker.io", ann],
  [
    "name and password apart",
    { auths: { [registry]: { username: "ann", password: "cor:rect" } } },
    registry,
    ann,
  ],
  [
    "an identity token",
    { auths: { [registry]: { auth, identitytoken: "refresh" } } },
    registry,
    { kind: "identity", token: "refresh" },
  ],
  [
    "a token of the registry's",
    { auths: { [registry]: { registrytoken: "abc" } } },
    registry,
    { kind: "bearer", token: "abc" },
  ],
  ["another registry's login", { auths: { "example.org": { auth } } }, registry, notStored],
  ["an empty entry", { auths: { [registry]: {} } }, registry, notStored],
];

for (const [what, configuration, asked, expected] of files) {
  test(`docker's file with ${what}: ${JSON.stringify(expected)}`, async (t) => {
    const home = await homeWith(t, configuration);
    assert.deepEqual(await found(home, asked), expected);
  });
}

test("where there is no file there is no login; one that is no JSON is named", async (t) => {
  const home = await temporaryDirectory(t);
  assert.deepEqual(await found(home, registry), notStored);
  const file = path.join(home, "config.json");
  await writeFile(file, "{");
  const reason = `${file} cannot be read as JSON`;
  assert.deepEqual(await found(home, registry), { kind: "none", reason });
});

test("the variable comes before the file, and where it has no login the file is read", async (t) => {
  const home = await homeWith(t, { auths: { [registry]: { auth } } });
  const other = { auths: { [registry]: { registrytoken: "abc" } } };
  const variable = { DOCKER_AUTH_CONFIG: JSON.stringify(other) };
  assert.deepEqual(await found(home, registry, variable), { kind: "bearer", token: "abc" });
  for (const text of ["{}", "nonsense"]) {
    assert.deepEqual(await found(home, registry, { DOCKER_AUTH_CONFIG: text }), ann);
  }
});

test("a helper is asked for the registry, and its answer is the login", async (t) => {
  // It answers with what it was asked for.
  const script = `[ "$1" = get ] && printf '{"ServerURL":"x","Username":"ann","Secret":"%s"}' "$(cat)"`;
  const own = await homeWith(t, { credsStore: "no", credHelpers: { [registry]: "test" } }, script);
  assert.deepEqual(await found(own, registry), { ...ann, password: registry });
  const all = await homeWith(t, { credsStore: "test" }, script);
  const hub = "https://index.docker.io/v1/";
  assert.deepEqual(await found(all, "docker.io"), { ...ann, password: hub });
});

test("a helper may give an identity token", async (t) => {
  const answer = { Username: "<token>", Secret: "refresh" };
  const home = await homeWith(t, { credsStore: "test" }, `echo '${JSON.stringify(answer)}'`);
  assert.deepEqual(await found(home, registry), { kind: "identity", token: "refresh" });
});

test("what a helper does not know the file may have", async (t) => {
  const script = "echo credentials not found in native keychain; exit 1";
  const none = await homeWith(t, { credsStore: "test" }, script);
  assert.deepEqual(await found(none, registry), notStored);
  const both = await homeWith(t, { credsStore: "test", auths: { [registry]: { auth } } }, script);
  assert.deepEqual(await found(both, registry), ann);
});

test("a helper that fails is named, and nothing that it printed", async (t) => {
  const helper = "the credential helper docker-credential-test";
  const cases = [
    ["echo s3cret; exit 3", "docker-credential-test ended with exit code 3"],
    [`echo '{"Username":"ann","Secret":"s3cret"'`, `${helper} gave no usable answer`],
    [undefined, `${helper} is not on the PATH`],
  ] as const;
  for (const [script, reason] of cases) {
    const home = await homeWith(t, { credsStore: "test" }, script);
    assert.deepEqual(await found(home, registry), { kind: "none", reason });
  }
});

/** A directory with docker's configuration and a helper `docker-credential-test` of that script. */
async function homeWith(t: TestContext, configuration: object, script?: string): Promise<string> {
  const home = await temporaryDirectory(t);
  await writeFile(path.join(home, "config.json"), JSON.stringify(configuration));
  if (script !== undefined) {
    const file = path.join(home, "docker-credential-test");
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return home;
}

async function found(home: string, asked: string, more: Readonly<Record<string, string>> = {}) {
  const env = { PATH: `${home}:/usr/bin:/bin`, DOCKER_CONFIG: home, ...more };
  return await findCredentials(asked, { env, runner: createContext().runner });
}
