/** Package managers that may be told for which machine to fetch what they install. */
import { operandsOf, optionOf, type Program } from "../program.ts";
import type { CompilerReader } from "./compile.ts";
import { toldByFile, toldByOption, toldByVariable } from "./told.ts";

export const packageManagers: CompilerReader = (program) => {
  const { name } = program;
  const shared = { isNativeElse: false, outputs: ["."] };
  if (["npm", "pnpm", "yarn"].includes(name)) {
    const told =
      toldByOption(program, "--cpu", "--arch", "--target_arch") ??
      toldByVariable(program, "npm_config_arch", "npm_config_target_arch", "npm_config_cpu") ??
      (isInstall(program)
        ? toldByFile(program, ".npmrc", "cpu", "arch", "target_arch")
        : undefined);
    const remedy =
      "leave it out in a stage of the target's platform, or --cpu with x64 or arm64, as $TARGETARCH says";
    return told === undefined ? undefined : { ...shared, tool: name, told, remedy };
  }
  if (
    /^pip(?:3(?:\.\d+)?)?$/.test(name) &&
    /^(?:install|download)$/.test(operandsOf(program)[0]?.text ?? "")
  ) {
    const told = toldByOption(program, "--platform");
    const to = optionOf(program, "-t", "--target", "-d", "--dest")?.text ?? ".";
    const remedy = "leave --platform out in a stage of the target's platform";
    return told === undefined ? undefined : { ...shared, tool: "pip", told, remedy, outputs: [to] };
  }
  if (name === "vcpkg") {
    const told =
      toldByOption(program, "--triplet") ?? toldByVariable(program, "VCPKG_DEFAULT_TRIPLET");
    const remedy = "--triplet x64-linux or arm64-linux, as $TARGETARCH says";
    return told === undefined ? undefined : { ...shared, tool: "vcpkg", told, remedy };
  }
  return undefined;
};

/** Of those that read `.npmrc`. */
function isInstall(program: Program): boolean {
  const [verb = ""] = operandsOf(program).map(({ text }) => text);
  return /^p?npm$/.test(program.name) && /^(?:ci|clean-install|install|i|add|rebuild)$/.test(verb);
}
