import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { cacheOfPlatforms } from "./cache.ts";

const places: readonly (readonly [string, string | undefined])[] = [
  ["registry.example.org/app:cache", "type=registry,ref=registry.example.org/app:cache-arm-v7"],
  ["app", "type=registry,ref=app:latest-arm-v7"],
  [
    "type=registry,ref=localhost:5000/app,mode=max",
    "type=registry,ref=localhost:5000/app:latest-arm-v7,mode=max",
  ],
  ["type=local,dest=/cache,mode=max", "type=local,dest=/cache/arm-v7,mode=max"],
  ["type=local,src=/cache/", "type=local,src=/cache/arm-v7"],
  ['type=local,"dest=/a,b"', 'type=local,"dest=/a,b/arm-v7"'],
  ["type=gha,mode=max", "type=gha,mode=max,scope=buildkit-arm-v7"],
  ["type=gha,scope=app", "type=gha,scope=app-arm-v7"],
  ["type=s3,region=eu,bucket=b,name=n", "type=s3,region=eu,bucket=b,name=n-arm-v7"],
  ["type=inline", undefined],
  [`type=registry,ref=app@sha256:${"a".repeat(64)}`, undefined],
];

for (const [spec, place] of places) {
  test(`${spec} → ${place ?? "no place of its own"}`, () => {
    assert.equal(cacheOfPlatforms(spec, [parsePlatform("linux/arm/v7")]), place);
  });
}
