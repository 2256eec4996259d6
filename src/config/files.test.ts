import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { test } from "node:test";
import { inProject } from "../../test/compose.ts";
import { isFailure } from "../errors.ts";
import { composeFileNames, readSources } from "./files.ts";

type Files = Readonly<Record<string, string>>;
const found: readonly (readonly [string, Files, Files, readonly string[]])[] = [
  ["nothing", {}, {}, []],
  [
    "the first of Compose's names",
    { "docker-compose.yml": "", "compose.yml": "" },
    {},
    ["compose.yml"],
  ],
  [
    "the override beside it",
    { "compose.yaml": "", "compose.override.yaml": "", "docker-compose.override.yml": "" },
    {},
    ["compose.yaml", "compose.override.yaml"],
  ],
  ["an override alone is none", { "compose.override.yaml": "" }, {}, []],
  [
    "what COMPOSE_FILE names",
    { "compose.yaml": "" },
    { COMPOSE_FILE: "a.yaml:b.yaml" },
    ["a.yaml", "b.yaml"],
  ],
  [
    "its separator",
    {},
    { COMPOSE_FILE: "a.yaml,b.yaml", COMPOSE_PATH_SEPARATOR: "," },
    ["a.yaml", "b.yaml"],
  ],
  ["COMPOSE_FILE of .env", { ".env": "A=1\nCOMPOSE_FILE=a.yaml\n" }, {}, ["a.yaml"]],
  [
    "the environment before .env",
    { ".env": "COMPOSE_FILE=a.yaml\n" },
    { COMPOSE_FILE: "b.yaml" },
    ["b.yaml"],
  ],
];

for (const [name, files, env, names] of found) {
  test(`found: ${name}`, async (t) => {
    await inProject(t, files);
    assert.deepEqual(await composeFileNames(env), names);
  });
}

test("what is missing is left to Compose; what has no end, or is too large, is refused", async (t) => {
  await inProject(t, { "compose.yaml": "services: {}\n", "large.yaml": " ".repeat(2 ** 20 + 1) });
  await symlink("/dev/zero", "endless.yaml");
  assert.deepEqual(await readSources(["compose.yaml", "missing.yaml"]), [
    { name: "compose.yaml", text: "services: {}\n" },
  ]);
  for (const file of ["large.yaml", "endless.yaml", "."]) {
    await assert.rejects(
      readSources([file]),
      (error) => isFailure(error, "COMPOSE_INVALID") && error.facts["file"] === file,
    );
  }
});
