/**
 * cgo (https://pkg.go.dev/cmd/cgo): left out where Go compiles for another machine, unless CGO_ENABLED=1; then it needs a C compiler
 * for that machine, which CC names.
 */
import { formatPlatform } from "../../platform/platform.ts";
import { pathFrom } from "../path.ts";
import type { Program } from "../program.ts";
import type { Finding } from "../rules/rule.ts";
import type { TargetView } from "../view.ts";
import type { Compile } from "./compile.ts";
import { crossCompiles } from "./for-image.ts";

/** Modules that are nothing, or do not compile, without cgo. */
const modules: ReadonlySet<string> = new Set([
  "github.com/DataDog/zstd",
  "github.com/confluentinc/confluent-kafka-go",
  "github.com/davidbyttow/govips",
  "github.com/duckdb/duckdb-go",
  "github.com/godror/godror",
  "github.com/h2non/bimg",
  "github.com/libgit2/git2go",
  "github.com/linxGnu/grocksdb",
  "github.com/marcboeker/go-duckdb",
  "github.com/mattn/go-sqlite3",
  "github.com/pebbe/zmq4",
  "github.com/veandco/go-sdl2",
  "gocv.io/x/gocv",
  "gorm.io/driver/sqlite",
  "rogchap.com/v8go",
]);

export function withoutCgo(view: TargetView): readonly Finding[] {
  return crossCompiles(view).flatMap((compile) => {
    const { program, tool } = compile;
    if (tool !== "Go" || program.name !== "go") return [];
    const enabled = program.environment.get("CGO_ENABLED")?.text ?? "";
    if (enabled === "") return leftOut(compile, view);
    return enabled === "1" ? withoutCompiler(compile, view) : [];
  });
}

function leftOut({ program }: Compile, { target }: TargetView): readonly Finding[] {
  const found = neededBy(program);
  if (found === undefined) return [];
  const { file, module } = found;
  return [
    {
      severity: "warning",
      range: program.rangeOf(program.word),
      message: `Built for ${formatPlatform(target)} on another machine, Go leaves cgo out, and ${file} has ${module}, which needs it.`,
      mayFail: module.includes("sqlite")
        ? "Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub"
        : "undefined: …, or: build constraints exclude all Go files",
      hint: `Compile with cgo: ${remedy}`,
    },
  ];
}

function withoutCompiler({ program }: Compile, { target }: TargetView): readonly Finding[] {
  const compiler = program.environment.get("CC")?.text ?? "gcc";
  if (!/^(?:gcc|cc|clang)(?:-\d+)?$/.test(compiler)) return [];
  return [
    {
      severity: "warning",
      range: program.rangeOf(program.word),
      message: `Built for ${formatPlatform(target)} on another machine, cgo is given ${compiler}, which compiles for the machine that it runs on.`,
      mayFail:
        target.architecture === "amd64"
          ? "gcc: error: unrecognized command-line option '-m64'"
          : "gcc_arm64.S: Error: no such instruction: `stp x29,x30,[sp,'",
      hint: `Name a C compiler for the target: ${remedy}`,
    },
  ];
}

const remedy =
  "xx-go build with xx-apt or xx-apk install of a libc (tonistiigi/xx), CGO_ENABLED=1, or a stage without --platform";

/** What go.mod asks for itself; what it asks for on behalf of others may not be used. */
function neededBy({ step, directory }: Program) {
  const place = pathFrom(directory, "go.mod");
  const found = place === undefined ? undefined : step.fileAt(place);
  if (found === undefined) return undefined;
  const required = found.text.matchAll(/^(?:require)?[\t ]*([\w.-]+\/\S+)[\t ]+v\d\S*[\t ]*$/gm);
  for (const [, module = ""] of required) {
    if (modules.has(module.replace(/\/v\d+$/, ""))) return { file: found.path, module };
  }
  return undefined;
}
