/** Go (https://go.dev/doc/install/source#environment): GOARCH says what to compile for. */
import { operandsOf, optionOf } from "../program.ts";
import type { CompilerReader } from "./compile.ts";
import { toldByVariable } from "./told.ts";

export const go: CompilerReader = (program) => {
  if (program.name !== "go" && program.name !== "tinygo") return undefined;
  const [verb, ...packages] = operandsOf(program);
  if (verb?.text !== "build" && verb?.text !== "install") return undefined;
  const output = optionOf(program, "-o")?.text;
  const directory = program.environment.get("GOBIN")?.text ?? "/go/bin";
  return {
    tool: "Go",
    told: toldByVariable(program, "GOARCH"),
    isNativeElse: isWritten(program.environment),
    remedy: "ARG TARGETOS TARGETARCH, then: GOOS=$TARGETOS GOARCH=$TARGETARCH go build …",
    outputs: verb.text === "install" ? [directory] : outputOf(output, packages.at(-1)?.text),
  };
};

/** The program is named as its package's directory; that of the working directory has its module's name, which stands in go.mod. */
function outputOf(output: string | undefined, named = ""): readonly string[] {
  if (output !== undefined) return [output];
  const [, name] = /\/([\w-]+)\/?$/.exec(named) ?? [];
  return name === undefined ? [] : [name];
}

/** WebAssembly and the like are for no machine. */
function isWritten(environment: ReadonlyMap<string, { readonly text: string }>): boolean {
  const system = environment.get("GOOS")?.text;
  return system === undefined || system === "linux" || system === "";
}
