import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { isNamedFor, platformInName } from "./platform-name.ts";

/** A name, its system, its architecture and its family. */
const named: readonly (readonly [string, string, string | undefined, string])[] = [
  ["@esbuild/linux-x64", "linux", "amd64", "@esbuild/*"],
  ["@esbuild/darwin-arm64", "darwin", "arm64", "@esbuild/*"],
  ["esbuild-linux-64", "linux", "amd64", "esbuild-*"],
  ["esbuild-windows-32", "windows", "386", "esbuild-*"],
  ["@img/sharp-linuxmusl-x64", "linux", "amd64", "@img/sharp-*"],
  ["@img/sharp-libvips-linux-arm", "linux", "arm", "@img/sharp-libvips-*"],
  ["@rollup/rollup-linux-x64-gnu", "linux", "amd64", "@rollup/rollup-*"],
  ["@rollup/rollup-linux-x64-musl", "linux", "amd64", "@rollup/rollup-*"],
  ["@rollup/rollup-linux-arm-gnueabihf", "linux", "arm", "@rollup/rollup-*"],
  ["@rollup/rollup-linux-powerpc64le-gnu", "linux", "ppc64le", "@rollup/rollup-*"],
  ["@parcel/watcher-linux-arm64-glibc", "linux", "arm64", "@parcel/watcher-*"],
  ["@next/swc-win32-x64-msvc", "win32", "amd64", "@next/swc-*"],
  ["@napi-rs/nice-android-arm-eabi", "android", "arm", "@napi-rs/nice-*"],
  ["@sentry/cli-linux-i686", "linux", "386", "@sentry/cli-*"],
  ["darwin-x64+arm64", "darwin", undefined, "*"],
  ["@esbuild+linux-x64@0.21.5", "linux", "amd64", "@esbuild+*@0.21.5"],
  ["linux-x64", "linux", "amd64", "*"],
  ["skia.linux-x64-gnu.node", "linux", "amd64", "skia.*.node"],
  ["darwin_arm64", "darwin", "arm64", "*"],
  ["binding-darwin-universal", "darwin", undefined, "binding-*"],
];

for (const [name, os, architecture, family] of named)
  test(`${name} is of ${family} for ${os} ${architecture ?? ""}`, () => {
    assert.deepEqual(platformInName(name), { os, architecture, family });
  });

for (const name of ["esbuild", "linux", "arm64", "mylinux-x64", "linux-x64y", "@types/node", ""])
  test(`"${name}" names no platform`, () => {
    assert.equal(platformInName(name), undefined);
  });

function isFor(name: string, platform: string): boolean {
  const found = platformInName(name);
  return found !== undefined && isNamedFor(found, parsePlatform(platform));
}

test("a package is for a platform, whichever C library it wants", () => {
  assert.ok(isFor("@img/sharp-linuxmusl-x64", "linux/amd64"));
  assert.ok(isFor("@rollup/rollup-linux-arm-musleabihf", "linux/arm/v7"));
  assert.ok(!isFor("@esbuild/darwin-x64", "linux/amd64"));
  assert.ok(!isFor("@esbuild/linux-arm64", "linux/amd64"));
});
