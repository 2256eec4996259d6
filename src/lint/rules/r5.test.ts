import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, shown } from "../../../test/lint/findings.ts";

const builder = "FROM --platform=$BUILDPLATFORM debian AS build\n";
const image = "FROM debian\nCOPY --from=build /out /out\n";

interface Case {
  readonly name: string;
  /** The lines of a stage on the machine that builds. */
  readonly lines: string;
  readonly found: readonly string[];
  readonly says?: string;
}

const wrong: readonly Case[] = [
  {
    name: "by its name, from a directory of the usual PATH",
    lines: "COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /uvx /bin/\nRUN uv sync --frozen",
    found: ["error '--from=ghcr.io/astral-sh/uv:0.9'"],
    says: "Built for linux/amd64, ghcr.io/astral-sh/uv:0.9 is pulled for linux/amd64, whatever the stage's platform, and line 3 runs its uv on linux/arm64.",
  },
  {
    name: "by its path, behind a starter, as the last name of a target without a slash",
    lines:
      "COPY --chmod=755 --from=mikefarah/yq /usr/bin/yq /opt/yq\nRUN apt-get update && \\\n  env A=1 /opt/yq e . x.yaml > /out",
    found: ["error '--from=mikefarah/yq'"],
    says: "line 4 runs its yq",
  },
  {
    name: "copied into a directory that is there",
    lines: "COPY --from=node:24 /usr/local/bin/node /usr/local/bin\nRUN node make.js > /out",
    found: ["error '--from=node:24'"],
  },
  {
    name: "relative to the working directory",
    lines:
      "ARG WHERE=/tools\nWORKDIR $WHERE\nCOPY --from=busybox bin/wget get\nRUN ./get -O /out example.org",
    found: ["error '--from=busybox'"],
  },
  {
    name: "relative to where a cd leads",
    lines: "COPY --from=busybox /bin/wget /tools/get\nRUN cd /tools && ./get -O /out example.org",
    found: ["error '--from=busybox'"],
  },
  {
    name: "a whole directory that ENV PATH names, for what is named after it",
    lines:
      "COPY --from=golang:1.25 /usr/local/go/ /usr/local/go/\nENV PATH=/usr/local/go/bin:$PATH\nRUN go build -o /out .",
    found: ["error '--from=golang:1.25'"],
  },
  {
    name: "something in a directory that was copied, by its path",
    lines: "COPY --from=docker:cli /usr/local /docker\nRUN /docker/bin/docker version > /out",
    found: ["error '--from=docker:cli'"],
  },
  {
    name: "a mount that is the program",
    lines:
      "RUN --mount=from=ghcr.io/astral-sh/uv,source=/uv,target=/bin/uv \\\n  --mount=type=cache,target=/root/.cache/uv uv sync",
    found: ["error '--mount=from=ghcr.io/astral-sh/uv,source=/uv,target=/bin/uv'"],
    says: "line 3 runs its uv",
  },
  {
    name: "a mount of an image's root",
    lines: "RUN --mount=type=bind,from=bufbuild/buf,target=/buf /buf/usr/local/bin/buf generate",
    found: ["error '--mount=type=bind,from=bufbuild/buf,target=/buf'"],
  },
  {
    name: "in a stage that is built upon the one that copies",
    lines:
      "COPY --from=hairyhenderson/gomplate /gomplate /usr/bin/gomplate\nFROM build AS made\nRUN gomplate -f a -o /out\nFROM made AS build",
    found: ["error '--from=hairyhenderson/gomplate'"],
    says: "line 4 runs its gomplate",
  },
  {
    name: "only if something is so that nobody knows, or by a digest that may be one platform's",
    lines: `COPY --from=one/tool /tool /bin/tool\nCOPY --from=two/tool@sha256:${"0".repeat(64)} /other /bin/\nRUN if [ -e x ]; then tool; fi; other`,
    found: ["warning '--from=one/tool'", `warning '--from=two/tool@sha256:${"0".repeat(64)}'`],
  },
  {
    name: "the exec form",
    lines: 'COPY --from=tool/box /box /box\nRUN ["/box", "--write", "/out"]',
    found: ["error '--from=tool/box'"],
  },
];

for (const { name, lines, found, says } of wrong) {
  test(`a program for the target is run on the machine that builds: ${name}`, () => {
    const text = `${builder}${lines}\n${image}`;
    const findings = findingsOf("R5", text);
    assert.deepEqual(shown(text, findings), found);
    if (says !== undefined) assert.ok(findings[0]?.message.includes(says), findings[0]?.message);
  });
}

test("a stage that is nothing but an image of the target's platform is the same", () => {
  const text = `FROM ghcr.io/astral-sh/uv AS uv\n${builder}COPY --from=uv /uv /bin/uv\nRUN uv sync\n${image}`;
  const findings = findingsOf("R5", text);
  assert.deepEqual(shown(text, findings), ["error '--from=uv'"]);
  assert.equal(
    findings[0]?.hint,
    "Give that stage the machine's platform: FROM --platform=$BUILDPLATFORM ghcr.io/astral-sh/uv AS uv",
  );
});

test("a stage of a fixed platform has it on the others alone, and keeps its platform in the hint", () => {
  const text = `FROM --platform=linux/amd64 debian AS build\nCOPY --from=registry:5000/tool/box:1 /box /bin/box\nRUN box\n${image}`;
  const findings = findingsOf("R5", text);
  assert.deepEqual(shown(text, findings), ["error '--from=registry:5000/tool/box:1' linux/arm64"]);
  assert.equal(
    findings[0]?.hint,
    "Copy it from a stage of its own, FROM --platform=linux/amd64 registry:5000/tool/box:1 AS box, with from=box",
  );
});

const right: Readonly<Record<string, string>> = {
  "a stage of its own on the machine that builds": `FROM --platform=$BUILDPLATFORM ghcr.io/astral-sh/uv AS uv\n${builder}COPY --from=uv /uv /bin/uv\nRUN uv sync\n${image}`,
  "a stage that is an image of a platform that was chosen": `FROM --platform=linux/amd64 tool/box AS box\n${builder}COPY --from=box /box /bin/box\nRUN box > /out\n${image}`,
  "a stage on the target's platform": `FROM debian AS build\nCOPY --from=ghcr.io/astral-sh/uv /uv /bin/uv\nRUN uv sync\n${image}`,
  "scripts that set up cross compilers": `${builder}COPY --from=tonistiigi/xx / /\nRUN xx-apk add gcc && xx-clang --print-target-triple\n${image}`,
  "Composer, which is an archive of PHP": `${builder}COPY --from=composer:2 /usr/bin/composer /usr/bin/composer\nRUN composer install\n${image}`,
  "one shell script": `${builder}COPY --from=mlocati/php-extension-installer /usr/bin/install-php-extensions /usr/local/bin/\nRUN install-php-extensions gd\n${image}`,
  "a file whose ending says that it is a script": `${builder}COPY --from=tool/box /wait.sh /wait.sh\nRUN /wait.sh\n${image}`,
  "what is only carried on": `${builder}COPY --from=ghcr.io/astral-sh/uv /uv /out/uv\n${image}`,
  "what is only started in the image": `${builder}COPY --from=tool/box /box /out/box\n${image}CMD ["/out/box"]\n`,
  "what another stage, that has its own, runs": `${builder}COPY --from=tool/box /box /bin/box\nFROM --platform=$BUILDPLATFORM debian AS other\nRUN apt-get install -y box && box > /out\n${image}COPY --from=other /out /made\n`,
  "another program of that name, copied over it": `FROM --platform=$BUILDPLATFORM golang AS tools\nRUN go install example.org/box@v1\n${builder}COPY --from=tool/box /box /bin/box\nCOPY --from=tools /go/bin/box /bin/box\nRUN box\n${image}`,
  "a command before the program is there": `${builder}RUN box\nCOPY --from=tool/box /box /bin/box\n${image}`,
  "a program of the base, beside files of that directory": `${builder}COPY --from=tool/data /share /usr/local/bin\nRUN make -C /usr/src > /out && /usr/local/bin/make-data\n${image}`,
  "a file that is no program's in no directory of PATH": `${builder}COPY --from=tool/box /box /opt/box\nRUN box > /out\n${image}`,
  "a script of the project, in a directory that an image fills as well": `${builder}COPY --from=tool/data /assets /app\nWORKDIR /app\nCOPY . .\nRUN ./configure && /app/bin/make-it > /out\n${image}`,
  "npm, which is a script": `${builder}COPY --from=node:24 /usr/local/lib/node_modules /opt/node_modules\nRUN /opt/node_modules/npm/bin/npm --version\n${image}`,
  "what a shell does itself": `${builder}COPY --from=busybox /bin/echo /bin/echo\nRUN echo x > /out\n${image}`,
  "a path that nobody knows": `${builder}ARG WHERE\nCOPY --from=tool/box /box $WHERE/box\nRUN box > /out\n${image}`,
  "data in a mount": `${builder}RUN --mount=from=tool/data,target=/data cp /data/x /out\n${image}`,
  "an image whose name says its architecture": `FROM --platform=linux/amd64 debian AS build\nCOPY --from=amd64/busybox /bin/busybox /bin/busybox\nRUN busybox wget example.org\n${image}`,
  "a stage that made its program for the target": `FROM golang AS tools\nRUN go install example.org/box@v1\n${builder}COPY --from=tools /go/bin/box /out/box\n${image}`,
};

for (const [name, text] of Object.entries(right)) {
  test(`R5 has nothing against ${name}`, () => {
    assert.deepEqual(shown(text, findingsOf("R5", text)), []);
  });
}

test("a 32-bit program on its 64-bit machine runs", () => {
  const text = `FROM --platform=linux/amd64 debian AS build\nCOPY --from=tool/box /box /bin/box\nRUN box\n${image}`;
  assert.deepEqual(findingsOf("R5", text, { platforms: ["linux/386"] }), []);
});
