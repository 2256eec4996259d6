/** Rust (https://doc.rust-lang.org/cargo/reference/config.html#buildtarget): `--target`, CARGO_BUILD_TARGET, or Cargo's configuration. */
import { operandsOf, optionOf, type Program } from "../program.ts";
import { configuredTarget } from "./cargo.ts";
import type { CompilerReader } from "./compile.ts";
import { toldByOption, toldByVariable } from "./told.ts";

const remedy =
  'cargo build --target with the target\'s triple: case "$TARGETARCH" in amd64) … x86_64-unknown-linux-musl ;; arm64) … aarch64-unknown-linux-musl ;; esac';

export const rust: CompilerReader = (program) => {
  const told =
    toldByOption(program, "--target") ??
    toldByVariable(program, "CARGO_BUILD_TARGET") ??
    (program.name === "cargo" ? configuredTarget(program) : undefined);
  const shared = { tool: "Rust", told, isNativeElse: true, remedy };
  if (program.name === "rustc") {
    return { ...shared, outputs: [optionOf(program, "-o", "--out-dir")?.text ?? "."] };
  }
  const verb = operandsOf(program).find(({ text }) => !text.startsWith("+"));
  if (program.name !== "cargo" || verb === undefined) return undefined;
  if (verb.text === "install") {
    const root = optionOf(program, "--root")?.text ?? program.environment.get("CARGO_HOME")?.text;
    return { ...shared, outputs: [`${root ?? "/usr/local/cargo"}/bin`] };
  }
  if (!["build", "b", "rustc", "zigbuild"].includes(verb.text)) return undefined;
  return { ...shared, outputs: targetDirectories(program) };
};

function targetDirectories(program: Program): readonly string[] {
  const named =
    optionOf(program, "--target-dir")?.text ?? program.environment.get("CARGO_TARGET_DIR")?.text;
  const copied = optionOf(program, "--artifact-dir", "--out-dir")?.text;
  return [named ?? "target", ...(copied === undefined ? [] : [copied])];
}
