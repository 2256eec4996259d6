/** What is wrong with a start, in the words of whoever refuses it. */
import path from "node:path";
import type { Finding } from "../finding.ts";
import { type Origin, originOf } from "../origin.ts";
import { entrypointFormat } from "../rules/entrypoint-format.ts";
import { entrypointInterpreter } from "../rules/entrypoint-interpreter.ts";
import { entrypointMachine } from "../rules/entrypoint-machine.ts";
import { entrypointMissing } from "../rules/entrypoint-missing.ts";
import { entrypointPermission } from "../rules/entrypoint-permission.ts";
import { loaderMissing } from "../rules/loader-missing.ts";
import { loaderUnusable } from "../rules/loader-unusable.ts";
import { busError, type Refused, segmentationFault } from "./outcome.ts";
import type { Start, StartStep } from "./start.ts";

const rules = {
  "entrypoint-permission": entrypointPermission,
  "entrypoint-format": entrypointFormat,
  "entrypoint-interpreter": entrypointInterpreter,
  "entrypoint-machine": entrypointMachine,
  "loader-missing": loaderMissing,
  "loader-unusable": loaderUnusable,
};

/** The findings of a start: at its last step, if that did not run. */
export function startFindings(start: Start, origins: readonly Origin[]): readonly Finding[] {
  return start.steps.flatMap((step) => {
    if (step.outcome === "running" || step.outcome === "undecided") return [];
    if (step.outcome === "failed") return [failedFinding(step, origins)];
    if (step.outcome === "absent") return [absentFinding(start, step)];
    return [refusedFinding(start, step, origins)];
  });
}

function absentFinding(
  { role, argv }: Start,
  step: StartStep & { readonly outcome: "absent" },
): Finding {
  const rule = step.isDenied ? entrypointPermission : entrypointMissing;
  const who = role === "entrypoint" ? "The program that the image starts" : "The health check";
  return {
    rule: rule.id,
    severity: "error",
    message: step.isDenied
      ? `${who}, ${step.name}, may not be executed.`
      : `${who}, ${step.name}, is not in it.`,
    path: step.name,
    evidence: `${role}: ${JSON.stringify(argv)}`,
    fix: rule.fix,
    ...(step.sentence === undefined ? {} : { prediction: step.sentence }),
  };
}

function failedFinding(
  { rule, message, located, sentence }: StartStep & { readonly outcome: "failed" },
  origins: readonly Origin[],
): Finding {
  return {
    rule,
    severity: "error",
    message,
    path: located.path,
    ...originOf(origins, located.node),
    ...(sentence === undefined ? {} : { prediction: sentence }),
    fix: rule === "entrypoint-interpreter" ? lineEnds : rules[rule].fix,
  };
}

const lineEnds = "The script has Windows line ends; convert it: sed -i 's/\\r$//' FILE";

function refusedFinding(
  start: Start,
  step: Refused & StartStep & { readonly outcome: "refused" },
  origins: readonly Origin[],
): Finding {
  const { located, message, rule, wants } = step;
  const prediction = sentenceOf(start, step);
  const isCarriageReturn = wants?.endsWith("\r") === true;
  return {
    rule,
    severity: "error",
    message,
    path: located.path,
    ...originOf(origins, located.node),
    ...(prediction === undefined ? {} : { prediction }),
    evidence: `${start.role}: ${JSON.stringify(start.argv)}`,
    fix: isCarriageReturn ? lineEnds : rules[rule].fix,
  };
}

/** Who started it words the refusal: runc, a shell, env, an init. */
function sentenceOf(
  { steps }: Start,
  step: StartStep & { readonly outcome: "refused" },
): string | undefined {
  const { by, name, errno } = step;
  if (errno === busError || errno === segmentationFault) return errno;
  if (by === "runtime") {
    return step.rule === "entrypoint-permission"
      ? `exec: "${name}": ${errno}`
      : `exec ${name}: ${errno}`;
  }
  const words = `${errno.charAt(0).toUpperCase()}${errno.slice(1)}`;
  if (by !== "shell") return words;
  const before = steps[steps.indexOf(step) - 1];
  const shell = before?.outcome === "running" ? path.posix.basename(before.located.path) : "";
  // What the kernel does not take, dash and ash read as a script, and say what comes of that.
  if (errno === "exec format error") return shell === "bash" ? words : undefined;
  if (errno === "no such file or directory")
    return shell === "bash" ? undefined : `${name}: not found`;
  return words;
}
