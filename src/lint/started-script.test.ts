import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { inspectDockerfile } from "./inspect.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const fetching = "#!/bin/sh\nset -e\ncurl -fO https://example.org/tool-amd64.tar.gz\n";

/** Each finding as its rule, its line, and what it says first. */
function found(dockerfile: string, scripts: Readonly<Record<string, string>>): readonly string[] {
  const texts = new Map(Object.entries(scripts));
  return inspectDockerfile(dockerfile, { platforms, texts }).map(
    ({ rule, range, message }) =>
      `${rule} ${range.line} ${message.split(":")[0]}:${/:(\d+)/.exec(message)?.[1] ?? ""}`,
  );
}

const started: readonly (readonly [string, string])[] = [
  ["by its path", "COPY get.sh /get.sh\nRUN /get.sh"],
  ["by a shell", "WORKDIR /src\nCOPY . .\nRUN sh ./get.sh --now"],
  ["in a directory that was entered", "COPY . /src\nRUN cd /src && bash get.sh"],
  ["put into a directory", "COPY get.sh /usr/local/bin/\nRUN /usr/local/bin/get.sh"],
  ["with its directory", "COPY scripts /opt\nRUN true\nRUN /opt/get.sh"],
];
for (const [name, lines] of started) {
  test(`a script of the context is gone through: ${name}`, () => {
    const path = lines.includes("scripts") ? "scripts/get.sh" : "get.sh";
    const text = `FROM debian\n${lines}\n`;
    const line = text.split("\n").length - 1;
    assert.deepEqual(found(text, { [path]: fetching }), [`R7 ${line} In ${path}:3`]);
  });
}

test("scripts that it starts are gone through as well, and one that starts itself ends", () => {
  const text = "FROM debian\nCOPY . /src\nWORKDIR /src\nRUN ./all.sh\n";
  const scripts = { "all.sh": "./get.sh\n./all.sh\n", "get.sh": fetching };
  assert.deepEqual(found(text, scripts), ["R7 4 In get.sh:3"]);
});

test("it finds what the stage declares, and what stands before it", () => {
  const script =
    "case $TARGETARCH in amd64) a=x86_64 ;; *) a=aarch64 ;; esac\ncurl -O https://example.org/t-$a\n";
  const text = "FROM debian\nARG TARGETARCH\nCOPY get.sh /\nRUN /get.sh\n";
  assert.deepEqual(found(text, { "get.sh": script }), []);
  assert.deepEqual(found(text.replace("ARG TARGETARCH\n", ""), { "get.sh": script }), [
    "R7 3 In get.sh:2",
    "R11 3 In get.sh:1",
  ]);
  const named = "FROM debian\nCOPY get.sh /\nRUN ARCH=amd64 /get.sh\n";
  assert.deepEqual(found(named, { "get.sh": "curl -O https://example.org/t-$ARCH\n" }), [
    "R7 3 In get.sh:1",
  ]);
});

test("nothing is said of what may not be started, is copied from elsewhere, or is no shell's", () => {
  const maybe = "FROM debian\nCOPY get.sh /\nRUN grep -q x /y && /get.sh\n";
  assert.deepEqual(found(maybe, { "get.sh": fetching }), []);
  const elsewhere = "FROM debian AS a\nFROM debian\nCOPY --from=a get.sh /\nRUN /get.sh\n";
  assert.deepEqual(found(elsewhere, { "get.sh": fetching }), []);
  const python = `#!/usr/bin/env python3\n${fetching}`;
  assert.deepEqual(found("FROM debian\nCOPY get.sh /\nRUN /get.sh\n", { "get.sh": python }), []);
});

test("a wheel for one machine is found in the requirements that pip reads", () => {
  const wheel = "https://example.org/x-1-cp311-cp311-manylinux2014_x86_64.whl";
  const text =
    "FROM python\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n";
  const required = `flask==3\nx @ ${wheel}#sha256=1  # fast\ny @ ${wheel} ; platform_machine == "x86_64"\n`;
  assert.deepEqual(found(text, { "requirements.txt": required }), ["R7 4 In requirements.txt:2"]);
  assert.deepEqual(found(text, { "requirements.txt": "flask==3\n" }), []);
});
