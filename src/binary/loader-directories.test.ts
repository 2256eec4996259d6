import assert from "node:assert/strict";
import { test } from "node:test";
import { wholeFile } from "./bytes.ts";
import { isLoader, loaderDirectories } from "./loader-directories.ts";

const found = (text: string) => loaderDirectories(wholeFile(Buffer.from(text)));

test("the directories stand in a row in the loader, each ended by a zero byte", () => {
  assert.deepEqual(
    found("code\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0more"),
    ["/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/", "/lib/", "/usr/lib/"],
  );
  assert.deepEqual(found("\0/lib64/\0/usr/lib64/\0"), ["/lib64/", "/usr/lib64/"]);
});

test("what is no such list is passed over", () => {
  assert.equal(found("\0/lib/\0single"), undefined);
  assert.equal(found("\0/etc/\0/var/\0"), undefined);
  assert.equal(found("/lib/x/usr/lib"), undefined);
});

test("a loader is told by its name", () => {
  const names = ["lib64/ld-linux-x86-64.so.2", "lib/ld-2.31.so", "lib64/ld64.so.2"];
  assert.deepEqual(names.filter(isLoader), names);
  assert.equal(isLoader("usr/lib/libld.so.1"), false);
});
