import assert from "node:assert/strict";
import { test } from "node:test";
import { operation } from "../../test/deploy/server.ts";
import { exitCodes, fail } from "../errors.ts";
import { detached } from "./follow.ts";

const target = { host: "vps", user: "ann", port: 2222 };
const server = { name: "-p 2222 ann@vps", target };

test("whoever stops following is told that the deploy goes on, and how to follow it again", () => {
  const interrupted = detached(fail("INTERRUPTED", { signal: "SIGINT" }), server, operation);
  assert.equal(interrupted?.code, "DEPLOY_INTERRUPTED");
  assert.equal(interrupted.exitCode, exitCodes.interrupted);
  assert.equal(
    interrupted.message,
    "Interrupted (SIGINT). The deploy of shop goes on by itself on ann@vps.",
  );
  assert.match(interrupted.hint, /transship deploy --attach --app shop --to ssh:\/\/ann@vps:2222$/);
  const terminated = detached(fail("TERMINATED", { signal: "SIGTERM" }), server, operation);
  assert.equal(terminated?.exitCode, exitCodes.terminated);
  const lost = fail("SSH_LOST", { target: "vps", reason: "it ended" });
  assert.equal(detached(lost, server, operation), undefined);
});
