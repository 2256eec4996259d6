import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtefactKind, ProvenArtefact } from "../../build-context/artefact.ts";
import { parsePlatform } from "../../platform/platform.ts";
import { artefactChecks } from "./artefacts.ts";

test("a line names the first program and its machine, and what to leave out", () => {
  const unfit = [parsePlatform("linux/amd64")];
  const description = "an ELF file for aarch64";
  const artefact = (kind: ArtefactKind, directory: string, file: string): ProvenArtefact => {
    const proof = { path: `${directory}/${file}`, description, format: "elf", unfit } as const;
    return { kind, path: directory, kept: [], proof };
  };
  const checks = artefactChecks(
    [
      artefact("node", "node_modules", "a.node"),
      artefact("python", "[venv]", "a.so"),
      artefact("node", "packages/a/node_modules", "b.node"),
      { ...artefact("rust", "target", "debug/app"), kept: ["x86_64-unknown-linux-musl"] },
    ],
    "app/.dockerignore",
  );
  assert.deepEqual(checks, [
    {
      id: "artefacts",
      status: "warn",
      detail:
        "The build context holds packages of Node for another machine (node_modules and packages/a/node_modules): node_modules/a.node is an ELF file for aarch64, not for linux/amd64.",
      fix: "Add at the end of app/.dockerignore: **/node_modules",
    },
    {
      id: "artefacts",
      status: "warn",
      detail:
        "The build context holds a virtual environment of Python for another machine ([venv]): [venv]/a.so is an ELF file for aarch64, not for linux/amd64.",
      fix: String.raw`Add at the end of app/.dockerignore: \[venv\]`,
    },
    {
      id: "artefacts",
      status: "warn",
      detail:
        "The build context holds what cargo compiled for another machine (target): target/debug/app is an ELF file for aarch64, not for linux/amd64.",
      fix: "Add at the end of app/.dockerignore: target/*  !target/x86_64-unknown-linux-musl",
    },
  ]);
});
