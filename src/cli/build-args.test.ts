import assert from "node:assert/strict";
import { test } from "node:test";
import { TransshipError } from "../errors.ts";
import { parseBuildArgs } from "./build-args.ts";

test("a build argument without a value has the environment's, as buildx gives it", () => {
  const env = { ARCH: "arm64", OTHER: "x" };
  assert.deepEqual(
    parseBuildArgs(["ARCH", "UNSET", "A=", "B=c=d"], env),
    new Map([
      ["ARCH", "arm64"],
      ["A", ""],
      ["B", "c=d"],
    ]),
  );
});

test("what is no name is refused", () => {
  for (const wrong of ["1=2", "=x", "", "A-B=c"])
    assert.throws(
      () => parseBuildArgs([wrong], {}),
      (error) => error instanceof TransshipError && error.code === "USAGE",
    );
});
