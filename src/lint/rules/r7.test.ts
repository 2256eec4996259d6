import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSilent, findingsOf, foundBy, mended } from "../../../test/lint/findings.ts";

const tool = "https://example.org/v1/tool";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "curl",
    `FROM debian\nRUN curl -fsSL ${tool}_linux_amd64.tar.gz | tar xz\n`,
    ["amd64 on linux/arm64"],
  ],
  [
    "wget, in capitals and quotes",
    `FROM alpine\nRUN wget -q "${tool}-Linux-x86_64" -O /bin/t\n`,
    ["x86_64 on linux/arm64"],
  ],
  [
    "a directory",
    "FROM debian\nRUN curl -O https://download.example.org/aarch64/x.tgz\n",
    ["aarch64 on linux/amd64"],
  ],
  ["ADD", `FROM debian\nADD ${tool}-arm64 /t\n`, [`${tool}-arm64 on linux/amd64`]],
  [
    "an ARG's default",
    `FROM debian\nARG ARCH=x86_64\nRUN curl -O ${tool}-$ARCH\n`,
    ["$ARCH on linux/arm64"],
  ],
  [
    "ENV",
    `FROM debian\nENV URL=${tool}-amd64.tgz\nRUN curl -fLO "$URL"\n`,
    ["$URL on linux/arm64"],
  ],
  [
    "a shell's variable",
    `FROM debian\nRUN set -eux; arch=amd64; curl -O "${tool}-\${arch}"\n`,
    ["${arch} on linux/arm64"],
  ],
  [
    "a default beside TARGETARCH's place",
    `FROM debian\nRUN a="\${ARCH:-amd64}"; curl -O ${tool}-amd64\n`,
    ["amd64 on linux/arm64"],
  ],
  [
    "one word wrong in a case",
    `FROM debian\nARG TARGETARCH\nRUN case "$TARGETARCH" in amd64) a=x86_64 ;; arm64) a=x86_64 ;; esac; curl -O ${tool}-$a\n`,
    ["$a on linux/arm64"],
  ],
  [
    "a Debian package's file",
    "FROM debian\nCOPY x_1.0_amd64.deb .\nRUN dpkg -i x_1.0_amd64.deb\n",
    ["amd64 on linux/arm64"],
  ],
  [
    "an RPM",
    "FROM fedora\nRUN dnf install -y https://example.org/x-1.x86_64.rpm\n",
    ["x86_64 on linux/arm64"],
  ],
  [
    "a wheel",
    "FROM python\nRUN pip install https://example.org/x-1-cp311-cp311-manylinux2014_x86_64.whl\n",
    ["x86_64 on linux/arm64"],
  ],
  [
    "apt's name:arch",
    "FROM debian\nRUN apt-get update && apt-get install -y libssl3:amd64\n",
    ["libssl3:amd64 on linux/arm64"],
  ],
  [
    "fetched where it is built, and copied out",
    `FROM --platform=$BUILDPLATFORM alpine AS get\nRUN wget -O /t ${tool}-amd64\nFROM alpine\nCOPY --from=get /t /bin/t\n`,
    ["amd64 on linux/arm64"],
  ],
  [
    "Node's word",
    "FROM debian\nARG TARGETARCH\nRUN curl -fsSL https://nodejs.org/dist/v20.1.0/node-v20.1.0-linux-${TARGETARCH}.tar.xz | tar xJ\n",
    ["${TARGETARCH} on linux/amd64"],
  ],
  [
    "protoc's word",
    "FROM debian\nRUN curl -LO https://github.com/protocolbuffers/protobuf/releases/download/v25.1/protoc-25.1-linux-$(uname -m).zip\n",
    ["$(uname -m) on linux/arm64"],
  ],
  [
    "Amazon's word",
    "FROM debian\nARG TARGETARCH\nRUN curl -O https://awscli.amazonaws.com/awscli-exe-linux-$TARGETARCH.zip\n",
    ["$TARGETARCH"],
  ],
  [
    "kubectl by uname",
    "FROM debian\nRUN curl -LO https://dl.k8s.io/release/v1.29.0/bin/linux/$(uname -m)/kubectl\n",
    ["$(uname -m)"],
  ],
];
for (const [name, text, expected] of cases) {
  test(`R7 ${name}`, () => {
    assert.deepEqual(foundBy("R7", text), expected);
  });
}

test("R7 says the vendor's own word", () => {
  const text =
    "FROM debian\nARG TARGETARCH\nRUN curl -O https://awscli.amazonaws.com/awscli-exe-linux-$TARGETARCH.zip\n";
  const [finding] = findingsOf("R7", text, { platforms: ["linux/arm64"] });
  assert.match(
    finding?.message ?? "",
    /linux\/arm64, this asks the AWS command line for arm64; its files are named aarch64/,
  );
  assert.match(finding?.failure ?? "", /404/);
});

/** What apt is given, and what becomes of it; undefined where nothing is mended. */
const packages: readonly (readonly [string, string?])[] = [
  ['apt-get install -y "libc6:amd64"', 'apt-get install -y "libc6"'],
  ["bash -c 'apt-get install -y libc6:amd64'", "bash -c 'apt-get install -y libc6'"],
  ['bash -c "apt-get install -y libc6:amd64 $V"'],
  ['eval "apt-get install -y libc6:amd64" $V'],
];
for (const [line, fixed = line] of packages)
  test(`R7 mends a package's name where it is written as it is: ${line}`, () => {
    const text = `FROM debian\nENV V=1\nRUN ${line}\n`;
    const findings = findingsOf("R7", text, { platforms: ["linux/arm64"] });
    assert.equal(findings.length, 1);
    assert.equal(mended(text, findings), `FROM debian\nENV V=1\nRUN ${fixed}\n`);
  });

const silent: Readonly<Record<string, string>> = {
  "by TARGETARCH": `FROM debian\nARG TARGETARCH\nRUN curl -O ${tool}-$TARGETARCH\n`,
  "by the machine": `FROM debian\nRUN curl -O ${tool}-$(uname -m)\nRUN curl -O ${tool}-$(dpkg --print-architecture)\n`,
  "a table": `FROM debian\nARG TARGETARCH\nRUN case $TARGETARCH in amd64) a=x86_64;; arm64) a=aarch64;; *) exit 1;; esac; curl -O ${tool}-$a\n`,
  "a table by sed": `FROM debian\nRUN a=$(uname -m | sed 's/x86_64/amd64/;s/aarch64/arm64/'); curl -O https://dl.k8s.io/release/v1/bin/linux/$a/kubectl\n`,
  "a branch each": `FROM debian\nARG TARGETARCH\nRUN if [ "$TARGETARCH" = arm64 ]; then curl -O ${tool}-arm64; else curl -O ${tool}-amd64; fi\n`,
  "all of them": `FROM debian\nRUN for a in amd64 arm64; do curl -O ${tool}-$a; done\n`,
  "both, line by line": `FROM debian\nRUN curl -O ${tool}-amd64 && curl -O ${tool}-arm64\n`,
  "what may not be reached": `FROM debian\nRUN grep -q x /proc/cpuinfo && curl -O ${tool}-amd64 || true\n`,
  "another system's": `FROM debian\nRUN curl -O ${tool}-darwin-arm64 && curl -O ${tool}-windows-amd64.zip\n`,
  "an emulator":
    "FROM debian\nRUN curl -LO https://github.com/multiarch/qemu-user-static/releases/download/v7.2.0/qemu-aarch64-static\n",
  "a cross compiler":
    "FROM debian\nRUN apt-get install -y gcc-x86-64-linux-gnu && curl -O https://example.org/aarch64-linux-musl-cross.tgz\n",
  "a project's name":
    "FROM debian\nRUN curl -O https://github.com/x/arm64-tools/archive/v1.tar.gz\n",
  "an architecture that was added":
    "FROM debian\nRUN dpkg --add-architecture amd64 && apt-get update && apt-get install -y libc6:amd64\n",
  "a tool of the machine that builds": `FROM --platform=$BUILDPLATFORM alpine AS get\nRUN wget -O /bin/t ${tool}-amd64 && t > /site\nFROM nginx\nCOPY --from=get /site /srv\n`,
  "a vendor with other words for one of its files":
    "FROM debian\nRUN curl -O https://releases.hashicorp.com/vagrant/2.2.9/vagrant_2.2.9_$(uname -m).deb\n",
  "a key, a checksum and a list":
    "FROM debian\nRUN curl -O https://example.org/x86_64/repo.pub && curl -O https://example.org/t-amd64.tgz.sha256 && wget -qO- https://example.org/linux-x86_64/\n",
  "a package for all machines":
    "FROM debian\nADD https://example.org/repos/x86_64/keyring_1_all.deb /tmp/\nRUN pip install https://example.org/x86_64/a-1-py3-none-any.whl\n",
  "libraries for a cross compiler":
    "FROM debian\nRUN apt-get install -y gcc-aarch64-linux-gnu\nRUN curl -O https://example.org/libfoo-aarch64.rpm && rpm2cpio libfoo-aarch64.rpm | cpio -D /usr/aarch64-linux-gnu -id\n",
  "what it is called here":
    "FROM debian\nRUN curl -o /tmp/x-amd64.deb https://example.org/x.deb && dpkg -i /tmp/x-amd64.deb\n",
  "what is not known": `FROM debian\nARG ARCH\nRUN curl -O ${tool}-$ARCH\n`,
};
for (const [name, text] of Object.entries(silent)) {
  test(`R7 is silent: ${name}`, () => assertSilent(text));
}
