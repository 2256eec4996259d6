/** A compiler is told one architecture by name, whatever is built for. */
import { formatPlatform } from "../../platform/platform.ts";
import { compilesFor } from "../compile/for-image.ts";
import type { Rule } from "./rule.ts";

export const r2: Rule = {
  id: "R2",
  title: "A compiler is told an architecture by name",
  what: "`GOARCH=amd64`, `cargo build --target x86_64-…`, `CARGO_BUILD_TARGET=…`, `x86_64-linux-gnu-gcc`, `./configure --host=…`, `dotnet publish -r linux-x64`, `npm ci --cpu=x64` and their like, also in `.cargo/config.toml` and `.npmrc` of the build context, where the image gets what they make and the name is not that of the platform that is built for. Values are followed through ENV, ARG and the shell.",
  why: "A name that is written out is the same on every platform. The image for another one is labelled for that, and holds a program that its processor cannot run.",
  bad: 'FROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN GOOS=linux GOARCH=amd64 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]',
  good: 'FROM --platform=$BUILDPLATFORM golang AS build\nARG TARGETOS TARGETARCH\nWORKDIR /src\nCOPY . .\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]',
  failure: "exec /app: exec format error",
  blind:
    "What makefiles, build scripts of npm or other configuration files (toolchain files of CMake, `.goreleaser.yaml`) tell the compiler; a compiler that is told each architecture in turn (`for arch in amd64 arm64`); programs that the image does not get by a path that can be followed.",
  check(view) {
    return compilesFor(view).flatMap(({ compile, platform }) => {
      const { architecture, told, tool, remedy } = compile;
      if (architecture === undefined || architecture === "native") return [];
      if (told === undefined || told.asked !== undefined) return [];
      return [
        {
          severity: "error",
          range: told.range,
          message: `Built for ${formatPlatform(platform)}, the image gets what ${tool} makes for ${architecture}.`,
          failure: "exec format error",
          hint: `Take the target's architecture: ${remedy}`,
        } as const,
      ];
    });
  },
};
