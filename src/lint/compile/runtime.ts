/** What packs a program with its runtime: .NET, Deno, Bun, pkg, GraalVM, PyInstaller. */
import { operandsOf, optionOf } from "../program.ts";
import type { CompilerReader } from "./compile.ts";
import { toldByOption } from "./told.ts";

export const runtimes: CompilerReader = (program) => {
  const [verb, ...more] = operandsOf(program).map(({ text }) => text);
  const output = optionOf(program, "-o", "--output", "--outfile")?.text ?? ".";
  switch (program.name) {
    case "dotnet":
      if (verb !== "publish" && verb !== "build") return undefined;
      return {
        tool: ".NET",
        told: toldByOption(program, "-r", "--runtime", "-a", "--arch", "--os-arch"),
        // Without a runtime identifier what it makes runs on every machine.
        isNativeElse: false,
        remedy: "dotnet publish -a $TARGETARCH, with ARG TARGETARCH",
        outputs: [output],
      };
    case "deno":
      if (verb !== "compile") return undefined;
      return {
        tool: "Deno",
        told: toldByOption(program, "--target"),
        isNativeElse: true,
        remedy:
          "deno compile --target x86_64-unknown-linux-gnu or aarch64-unknown-linux-gnu, as $TARGETARCH says",
        outputs: [output],
      };
    case "bun":
      if (verb !== "build" || !program.args.some(({ text }) => text === "--compile"))
        return undefined;
      return {
        tool: "Bun",
        told: toldByOption(program, "--target"),
        isNativeElse: true,
        remedy:
          "bun build --compile --target=bun-linux-x64 or bun-linux-arm64, as $TARGETARCH says",
        outputs: [output],
      };
    case "pkg":
      return {
        tool: "pkg",
        told: toldByOption(program, "-t", "--targets", "--target"),
        isNativeElse: true,
        remedy: "pkg --targets node20-linux-x64 or node20-linux-arm64, as $TARGETARCH says",
        outputs: [output, ...more],
      };
    case "native-image":
    case "pyinstaller":
      return {
        tool: program.name,
        told: undefined,
        isNativeElse: true,
        remedy: `a stage without --platform: ${program.name} compiles for the machine that it runs on alone`,
        outputs: [optionOf(program, "-o", "--distpath")?.text ?? "dist"],
      };
    default:
      return undefined;
  }
};
