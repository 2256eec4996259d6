/** What lint foretells comes true: the bad file is built for arm64 on amd64 and fails so, the mended one is built and proven. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import * as z from "zod";
import {
  baseFlags,
  directory,
  engineTest,
  ensureBuilder,
  lastFirst,
  tinyContext,
  transship,
} from "./engine.ts";

interface Case {
  readonly rule: string;
  readonly bad: string;
  readonly good: string;
  /** What is said when the bad one is built. */
  readonly failure: RegExp;
}

const start = 'ENTRYPOINT ["/app"]';
const base = "debian:bookworm-slim";
const compilers = `FROM --platform=$BUILDPLATFORM ${base} AS build\nRUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-x86-64-linux-gnu\nCOPY app.c /src/`;
const image = `FROM scratch\nCOPY --from=build /app /app\n${start}`;
const formatError = /exec format error/;

/** `HOST` serves the program of each machine, and nothing else. */
const cases: readonly Case[] = [
  {
    rule: "R1",
    bad: `FROM scratch\nARG TARGETARCH=amd64\nCOPY --chmod=755 $TARGETARCH /app\n${start}`,
    good: `FROM scratch\nARG TARGETARCH\nCOPY --chmod=755 $TARGETARCH /app\n${start}`,
    failure: formatError,
  },
  {
    rule: "R2",
    bad: `${compilers}\nRUN x86_64-linux-gnu-gcc -static -o /app /src/app.c\n${image}`,
    good: `${compilers}\nARG TARGETARCH\nRUN case $TARGETARCH in amd64) cc=x86_64-linux-gnu-gcc ;; arm64) cc=aarch64-linux-gnu-gcc ;; esac; $cc -static -o /app /src/app.c\n${image}`,
    failure: formatError,
  },
  {
    rule: "R3",
    bad: `FROM --platform=$BUILDPLATFORM ${base}\nCMD ["sh"]`,
    good: `FROM ${base}\nCMD ["sh"]`,
    failure: /exec format error|labelled/,
  },
  {
    rule: "R4",
    bad: `${compilers}\nRUN gcc -static -o /app /src/app.c\n${image}`,
    good: `${compilers}\nARG TARGETARCH\nRUN if [ "$TARGETARCH" = arm64 ]; then CC=aarch64-linux-gnu-gcc; else CC=x86_64-linux-gnu-gcc; fi; $CC -static -o /app /src/app.c\n${image}`,
    failure: formatError,
  },
  {
    rule: "R6",
    bad: `FROM --platform=$BUILDPLATFORM ${base} AS base\nFROM --platform=$TARGETPLATFORM base\nCMD ["sh"]`,
    good: `FROM ${base} AS base\nFROM base\nCMD ["sh"]`,
    failure: /exec format error|labelled/,
  },
  {
    rule: "R7",
    bad: `FROM scratch\nADD --chmod=755 http://HOST/tool-linux-amd64 /app\n${start}`,
    good: `FROM scratch\nARG TARGETARCH\nADD --chmod=755 http://HOST/tool-linux-$TARGETARCH /app\n${start}`,
    failure: formatError,
  },
  {
    rule: "R11",
    bad: `FROM scratch\nADD --chmod=755 http://HOST/tool-linux-$TARGETARCH /app\n${start}`,
    good: `FROM scratch\nARG TARGETARCH\nADD --chmod=755 http://HOST/tool-linux-$TARGETARCH /app\n${start}`,
    failure: /404/,
  },
  {
    rule: "R12",
    bad: `${compilers}\nRUN $(uname -m)-linux-gnu-gcc -static -o /app /src/app.c\n${image}`,
    good: `${compilers}\nARG TARGETARCH\nRUN cc=$(echo $TARGETARCH | sed 's/amd64/x86_64/;s/arm64/aarch64/')-linux-gnu-gcc; $cc -static -o /app /src/app.c\n${image}`,
    failure: formatError,
  },
];

engineTest("what lint foretells comes true, and its way out works", async (engine, test) => {
  if (engine.name !== "containerd") return test.skip("tried on one engine");
  await ensureBuilder(engine);
  const context = lastFirst(test);
  const { amd64, arm64 } = tinyContext();
  const served = new Map([
    ["/tool-linux-amd64", amd64],
    ["/tool-linux-arm64", arm64],
  ]);
  const server = createServer(({ url }, response) => {
    const found = served.get(url ?? "");
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(
    async () => await new Promise<void>((resolve) => void server.close(() => resolve())),
  );
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const { port } = address;
  const files = { amd64, arm64, "app.c": "int main(void) { return 0; }\n" };
  for (const { rule, bad, good, failure } of cases) {
    await test.test(rule, async (inner) => {
      for (const text of [bad, good]) {
        const Dockerfile = `${text.replaceAll("HOST", `127.0.0.1:${port}`)}\n`;
        const sources = await directory(inner, { ...files, Dockerfile });
        const linted = await transship(["lint", `${sources}/Dockerfile`]);
        const flags = [
          "-i",
          "transship-test-lint",
          "-c",
          sources,
          "--no-load",
          ...baseFlags(engine),
        ];
        const built = await transship(["build", ...flags, "--platform", "linux/arm64"]);
        const said = `${text}\n${linted.stdout}\n${built.stdout}\n${built.stderr}`;
        if (text === good) {
          assert.equal(linted.exitCode, 0, said);
          assert.equal(built.exitCode, 0, said);
          assert.match(built.stdout, /proven/);
        } else {
          assert.equal(linted.exitCode, 1, said);
          assert.match(linted.stdout, new RegExp(`error\\[${rule}\\]`));
          assert.match(built.stderr, new RegExp(`warning: ${rule}, .+Dockerfile:\\d+: `));
          assert.notEqual(built.exitCode, 0, said);
          assert.match(`${built.stdout}\n${built.stderr}`, failure);
        }
      }
    });
  }
});

const shadowing = "FROM alpine AS base\nARG TARGETARCH=amd64\nRUN echo $TARGETARCH\n";
const found = z.object({
  buildkit: z.boolean(),
  findings: z.array(
    z.object({ rule: z.string(), file: z.string(), platforms: z.array(z.string()) }),
  ),
});

engineTest(
  "without a name lint looks at what the project's files build",
  async (engine, context) => {
    if (engine.name !== "classic") return context.skip("the engine is not asked");
    const project = await directory(context, {
      "compose.yaml": "services:\n  web:\n    build: web\n    platform: linux/arm64\n",
      "docker-bake.hcl":
        'target "default" {\n  dockerfile = "api.Dockerfile"\n  platforms = ["linux/amd64"]\n}\n',
      "web/Dockerfile": shadowing,
      "api.Dockerfile": shadowing.replace("amd64", "arm64"),
      Dockerfile: "FROM alpine\nFOO\n",
    });
    const lint = async (...args: readonly string[]) => {
      const { stdout } = await transship(["lint", "--json", "--no-buildkit", ...args], {
        cwd: project,
      });
      const { findings } = found.parse(JSON.parse(stdout));
      return findings.map(({ rule, file }) => `${rule} ${file}`).toSorted();
    };
    assert.deepEqual(await lint(), ["R1 api.Dockerfile", "R1 web/Dockerfile"]);
    assert.deepEqual(await lint("--platform", "linux/amd64"), ["R1 api.Dockerfile"]);
    assert.deepEqual(await lint("Dockerfile"), ["syntax Dockerfile"]);
  },
);

engineTest(
  "BuildKit's own checks stand among the findings, where buildx has them",
  async (engine, context) => {
    const sources = await directory(context, { Dockerfile: `${shadowing}MAINTAINER me\n` });
    const { stdout } = await transship(["lint", "--json", `${sources}/Dockerfile`]);
    const { buildkit, findings } = found.parse(JSON.parse(stdout));
    assert.equal(buildkit, engine.name !== "oldest");
    const rules = new Set(findings.map(({ rule }) => rule));
    assert.ok(rules.has("R1"));
    assert.equal(rules.has("buildkit/MaintainerDeprecated"), buildkit);
  },
);
