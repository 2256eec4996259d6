/** Packages of Debian that are asked for by `name:arch`, where that architecture was not added. */
import { formatPlatform } from "../../platform/platform.ts";
import { machineOf } from "../../shell/machine.ts";
import { isWritten } from "../../shell/value.ts";
import { operandsOf, type Program } from "../program.ts";
import type { Finding } from "../rules/rule.ts";
import { programsOf } from "../step.ts";
import type { TargetView } from "../view.ts";

export function foreignPackages(view: TargetView): readonly Finding[] {
  const programs = view.stages.map((stage) => ({ stage, own: programsOf(stage) }));
  const isAdded = programs.some(({ own }) =>
    own.some(({ name, args }) => name === "dpkg" && args[0]?.text === "--add-architecture"),
  );
  if (isAdded) return [];
  return programs.flatMap(({ stage, own }) => {
    const { platform } = stage;
    if (platform === undefined || stage.isBuilders) return [];
    const { debian } = machineOf(platform);
    return own.flatMap((program) => installedBy(program, debian, formatPlatform(platform)));
  });
}

function installedBy(program: Program, own: string, platform: string): readonly Finding[] {
  const isInstalling = /^apt(?:-get)?$/.test(program.name) && program.isCertain;
  const [verb, ...packages] = operandsOf(program);
  if (!isInstalling || verb?.text !== "install") return [];
  return packages.flatMap((field): readonly Finding[] => {
    const [, name, architecture] =
      /^([a-z\d][a-z\d.+-]+):(amd64|arm64|armhf|armel|i386|ppc64el|s390x|riscv64)$/.exec(
        field.text,
      ) ?? [];
    if (name === undefined || architecture === undefined || architecture === own) return [];
    return [
      {
        severity: "error",
        range: program.rangeOf(field),
        message: `Built for ${platform}, apt is asked for ${name} of ${architecture}, which it does not know there.`,
        failure: `E: Unable to locate package ${field.text}`,
        hint: `Leave the architecture out: ${name}`,
        ...(isWritten(field) ? { edits: [{ range: program.rangeOf(field), text: name }] } : {}),
      },
    ];
  });
}
