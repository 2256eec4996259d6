import assert from "node:assert/strict";
import { test } from "node:test";
import {
  architectureNames,
  elfMachineName,
  machineOf,
  machineServes,
  runsNatively,
} from "./machine.ts";
import { parsePlatform } from "./platform.ts";

test("requirement 1.4: linux/amd64 is x86_64 to uname -m", () => {
  assert.equal(machineOf(parsePlatform("linux/amd64")), "x86_64");
});

test("a 32-bit program on a 64-bit kernel sees the 64-bit name", () => {
  assert.ok(machineServes("aarch64", parsePlatform("linux/arm/v7")));
  assert.ok(machineServes("x86_64", parsePlatform("linux/386")));
  assert.ok(!machineServes("x86_64", parsePlatform("linux/arm64")));
  assert.ok(!machineServes("i686", parsePlatform("linux/amd64")));
});

test("an x86-64 kernel runs 386 and amd64 itself, and nothing of ARM", () => {
  const host = parsePlatform("linux/amd64");
  assert.ok(runsNatively(parsePlatform("linux/amd64/v3"), host));
  assert.ok(runsNatively(parsePlatform("linux/386"), host));
  assert.ok(!runsNatively(parsePlatform("linux/arm64"), host));
});

test("ELF machines have the names of uname, or their number", () => {
  assert.equal(
    elfMachineName(architectureNames(parsePlatform("linux/arm64")).elf.machine),
    "aarch64",
  );
  assert.equal(elfMachineName(9999), "e_machine 9999");
});
