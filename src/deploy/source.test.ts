import assert from "node:assert/strict";
import { test } from "node:test";
import type { Docker } from "../engine/docker.ts";
import { parseSubject } from "../image/subject.ts";
import { parsePlatform } from "../platform/platform.ts";
import { type DeploySource, handedOver, sourceName, sourcePlatforms } from "./source.ts";

const never = async () => await Promise.reject(new Error("only what is attempted is of interest"));

test("the values of variables come to docker by its environment, and stand in no argument", async () => {
  const seen: unknown[] = [];
  const engine: Docker = {
    signal: new AbortController().signal,
    run: never,
    stream: never,
    async attempt(args, options) {
      seen.push([args, options]);
      return await never();
    },
  };
  const environment = { TOKEN: "correct horse", LINES: "a\nb", PATH: "/app/bin" };
  const { env, docker } = handedOver(environment, engine);
  // Docker would look for itself where the app does.
  assert.deepEqual(env, ["TOKEN", "LINES", "PATH=/app/bin"]);
  await assert.rejects(docker.attempt(["run"], { deadlineMs: 7 }));
  const values = { TOKEN: "correct horse", LINES: "a\nb" };
  assert.deepEqual(seen, [[["run"], { deadlineMs: 7, env: values }]]);
});

test("what a deploy is of, before it is there", () => {
  const image: DeploySource = { kind: "image", subject: parseSubject("team/shop:2") };
  assert.match(sourceName(image), /shop$/);
  assert.equal(sourceName({ kind: "image", subject: parseSubject("oci:layout") }), "");
  assert.equal(sourcePlatforms(image), undefined);
  const platforms = [parsePlatform("linux/arm64")];
  const services = [
    { name: "base", options: {}, needs: [] },
    { name: "web", options: { platforms }, needs: [] },
  ];
  const build: DeploySource = { kind: "build", services, name: "web" };
  assert.deepEqual([sourceName(build), sourcePlatforms(build)], ["web", platforms]);
});
