/** Steps whose program fails, a case a cause. */
import { realpath } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Case, debian, foreign, native, scratch } from "./case.ts";
import { illegalProgram, machO, s390xProgram } from "./programs.ts";

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
/** This Node, for what only Node can fail by; the base image has the libraries that it wants. */
const nodeFlags = ["--build-context", `node=${await realpath(path.join(modules, "node/bin"))}`];
const esbuildFlags = [
  "--build-context",
  `esbuild=${await realpath(path.join(modules, "esbuild"))}`,
];

export const steps: readonly Case[] = [
  {
    code: "EMULATOR_MISSING",
    exitCode: 4,
    dockerfile: scratch("COPY --chmod=755 program /program", 'RUN ["/program"]'),
    files: { program: s390xProgram() },
    platform: "linux/s390x",
    marked: 'RUN ["/program"]',
    said: /^exec \/program: exec format error$/,
    hint: /docker run --privileged --rm tonistiigi\/binfmt --install s390x/,
  },
  {
    code: "EMULATOR_CRASHED",
    exitCode: 1,
    dockerfile: debian("RUN sh -c 'kill -11 $$'; \\", "  exit 1"),
    platform: foreign,
    marked: "RUN sh -c 'kill -11 $$'; \\|exit 1",
    said: /^Segmentation fault$/,
    hint: /docker run --privileged --rm tonistiigi\/binfmt --install all/,
  },
  {
    code: "STEP_LOADER_MISSING",
    exitCode: 1,
    dockerfile: [
      `FROM --platform=${foreign} debian:bookworm-slim AS other`,
      debian("COPY --from=other /bin/true /program", "RUN echo before && /program"),
    ].join("\n"),
    marked: "RUN echo before && /program",
    said: /Could not open '\/lib\S*\/ld-linux-\S+': No such file or directory$/,
    hint: /file PROGRAM/,
  },
  {
    code: "STEP_PROGRAM_FOREIGN",
    exitCode: 1,
    dockerfile: debian("COPY --chmod=755 program /program", "RUN /program"),
    files: { program: s390xProgram() },
    marked: "/program",
    said: /: \/program: Exec format error$/,
    hint: /file \/program/,
  },
  {
    code: "BASE_PLATFORM_WRONG",
    exitCode: 1,
    dockerfile: scratch("COPY --chmod=755 program /bin/sh", "RUN echo hello"),
    files: { program: s390xProgram() },
    marked: "RUN echo hello",
    said: /^exec \/bin\/sh: exec format error$/,
    hint: /docker buildx imagetools inspect IMAGE/,
  },
  {
    // glibc looks at the level that an x86-64 program says it needs; bit 7 of it is no level of any processor.
    code: "STEP_CPU_TOO_OLD",
    exitCode: 1,
    dockerfile: debian(
      String.raw`RUN perl -pi -e 's/(\x02\x80\x00\xc0\x04\0\0\0)\x01/$1\x80/' /bin/true && /bin/true`,
    ),
    platform: "linux/amd64",
    marked: String.raw`RUN perl -pi -e 's/(\x02\x80\x00\xc0\x04\0\0\0)\x01/$1\x80/' /bin/true && /bin/true`,
    said: /CPU ISA level is lower than required$/,
    hint: /transship verify --cpu x86-64-v2 IMAGE/,
  },
  {
    code: "STEP_INSTRUCTION_ILLEGAL",
    exitCode: 1,
    dockerfile: scratch("COPY --chmod=755 program /program", 'RUN ["/program"]'),
    files: { program: illegalProgram() },
    marked: 'RUN ["/program"]',
    hint: /transship verify --cpu x86-64-v2 IMAGE/,
  },
  {
    code: "STEP_CRASHED",
    exitCode: 1,
    dockerfile: debian("RUN sh -c 'kill -11 $$'; exit $?"),
    marked: "RUN sh -c 'kill -11 $$'; exit $?",
    said: /^Segmentation fault$/,
    hint: new RegExp(`docker run --rm -it --platform ${native} IMAGE`),
  },
  {
    code: "STEP_LIBRARY_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN rm /lib/*/libselinux.so.1 && ls /"),
    marked: "RUN rm /lib/*/libselinux.so.1 && ls /",
    said: /^ls: error while loading shared libraries: libselinux\.so\.1: /,
    hint: /apt-file search LIBRARY/,
  },
  {
    code: "STEP_DEPENDENCY_MISSING",
    exitCode: 1,
    dockerfile: debian(
      "WORKDIR /app",
      "COPY --from=esbuild lib node_modules/esbuild/lib",
      "COPY --from=esbuild package.json node_modules/esbuild/",
      "RUN --mount=from=node,target=/node \\",
      `  /node/node -e 'require("esbuild").transformSync("1")'`,
    ),
    flags: [...nodeFlags, ...esbuildFlags],
    marked: `RUN --mount=from=node,target=/node \\|/node/node -e 'require("esbuild").transformSync("1")'`,
    said: /^Node\.js v\d/,
    hint: /npm install --package-lock-only --os=linux --cpu=(?:x64|arm64)/,
  },
  {
    code: "STEP_MODULE_FOREIGN",
    exitCode: 1,
    dockerfile: debian(
      "COPY addon.node /addon.node",
      `RUN --mount=from=node,target=/node /node/node -e 'require("/addon.node")'`,
    ),
    files: { "addon.node": machO() },
    flags: nodeFlags,
    marked: "/addon.node",
    said: /^Node\.js v\d/,
    hint: /npm ci/,
  },
  {
    code: "STEP_OUT_OF_MEMORY",
    exitCode: 4,
    dockerfile: debian(
      "RUN --mount=from=node,target=/node \\",
      "  /node/node --max-old-space-size=20 -e 'const all = []; for (;;) all.push(Array(999).fill(1))'",
    ),
    flags: nodeFlags,
    marked:
      "RUN --mount=from=node,target=/node \\|/node/node --max-old-space-size=20 -e 'const all = []; for (;;) all.push(Array(999).fill(1))'",
    said: /^Aborted|^Trace\/breakpoint trap/,
    hint: /NODE_OPTIONS=--max-old-space-size=4096/,
  },
  {
    code: "STEP_KILLED",
    exitCode: 4,
    dockerfile: debian("RUN sh -c 'kill -9 $$'; exit $?"),
    marked: "RUN sh -c 'kill -9 $$'; exit $?",
    said: /^Killed$/,
    hint: /sudo dmesg/,
  },
  {
    code: "DISK_FULL",
    exitCode: 4,
    dockerfile: debian(
      "RUN --mount=type=tmpfs,target=/full,size=65536 head -c 99999 /dev/zero > /full/file",
    ),
    marked: "RUN --mount=type=tmpfs,target=/full,size=65536 head -c 99999 /dev/zero > /full/file",
    said: /No space left on device$/,
    hint: /docker buildx prune/,
  },
  {
    code: "STEP_PACKAGE_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN apt-get install -y frobnicate"),
    marked: "frobnicate",
    said: /^E: Unable to locate package frobnicate$/,
    hint: /apt-cache policy frobnicate/,
  },
  {
    code: "STEP_NETWORK_FAILED",
    exitCode: 4,
    dockerfile: debian(
      "RUN --network=none apt-get -o Acquire::Retries=0 update && apt-get install -y hello",
    ),
    marked: "RUN --network=none apt-get -o Acquire::Retries=0 update && apt-get install -y hello",
    said: /^E: Unable to locate package hello$/,
    hint: /transship build --build-arg HTTP_PROXY=/,
  },
  {
    code: "STEP_COMMAND_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN true && \\", "  frobnicate --all"),
    marked: "frobnicate",
    said: /^\/bin\/sh: 1: frobnicate: not found$/,
    hint: /apt-get install -y PACKAGE/,
  },
  {
    code: "STEP_COMMAND_MISSING",
    exitCode: 1,
    dockerfile: debian("COPY --chmod=755 run.sh /run.sh", "RUN /run.sh"),
    files: { "run.sh": "#!/bin/sh\r\ntrue\r\n" },
    marked: "/run.sh",
    said: /: \/run\.sh: not found$/,
    hint: /head -1 FILE/,
  },
  {
    code: "STEP_COMMAND_NOT_EXECUTABLE",
    exitCode: 1,
    dockerfile: debian("COPY run.sh /run.sh", "RUN /run.sh"),
    files: { "run.sh": "#!/bin/sh\n" },
    marked: "/run.sh",
    said: /: \/run\.sh: Permission denied$/,
    hint: /git update-index --chmod=\+x FILE/,
  },
  {
    code: "STEP_SHELL_MISSING",
    exitCode: 1,
    dockerfile: scratch("RUN echo hello"),
    marked: "RUN echo hello",
    said: /exec: "\/bin\/sh": stat \/bin\/sh: no such file or directory$/,
    hint: /transship build/,
  },
  {
    code: "STEP_USER_UNKNOWN",
    exitCode: 1,
    dockerfile: debian("USER nobody-knows", "RUN id"),
    marked: "RUN id",
    hint: /RUN useradd --system nobody-knows/,
  },
  {
    code: "BUILD_STEP_FAILED",
    exitCode: 1,
    dockerfile: debian("RUN echo one && \\", "  echo TOKEN=abc && \\", "  exit 3"),
    marked: "RUN echo one && \\|echo TOKEN=*** && \\|exit 3",
    said: /^TOKEN=\*\*\*$/,
    hint: /transship build/,
  },
];
