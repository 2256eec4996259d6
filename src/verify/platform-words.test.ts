import assert from "node:assert/strict";
import { test } from "node:test";
import { platformNamedBy } from "./platform-words.ts";

const named: Readonly<Record<string, string>> = {
  "/app/node_modules/@img/sharp-linux-x64/lib/sharp.node": "linux/amd64",
  "/app/node_modules/@img/sharp-linuxmusl-arm64/lib/sharp.node": "linux/arm64",
  "/app/node_modules/x/prebuilds/win32-x64/x.node": "other/amd64",
  "/app/node_modules/fsevents/darwin-arm64/x.node": "other/arm64",
  "/usr/lib/python3/dist-packages/_x.cpython-311-x86_64-linux-gnu.so": "linux/amd64",
  "/usr/lib/aarch64-linux-gnu/libc.so.6": "linux/arm64",
  "/usr/local/rustup/toolchains/stable-x86_64-unknown-linux-gnu/bin/cargo": "linux/amd64",
  "linux/x86_64/libzstd-jni.so": "linux/amd64",
  "META-INF/native/libnetty_transport_native_epoll_aarch_64.so": "",
  "/opt/app/bin/server": "",
  "/opt/app-x64/bin/server": "",
  "/usr/lib/x86_64/thing": "",
};

for (const [path, platform] of Object.entries(named)) {
  test(`${path} names ${platform === "" ? "no platform" : platform}`, () => {
    const found = platformNamedBy(path);
    assert.equal(found === undefined ? "" : `${found.os}/${found.architecture}`, platform);
  });
}
