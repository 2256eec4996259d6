/** Every rule, in the order in which an image is looked at: what the page of rules is generated from. */
import { archivePlatform } from "./rules/archive-platform.ts";
import { copiedProgram } from "./rules/copied-program.ts";
import { cpuLevel } from "./rules/cpu-level.ts";
import { entrypointFormat } from "./rules/entrypoint-format.ts";
import { entrypointInterpreter } from "./rules/entrypoint-interpreter.ts";
import { entrypointMachine } from "./rules/entrypoint-machine.ts";
import { entrypointMissing } from "./rules/entrypoint-missing.ts";
import { entrypointPermission } from "./rules/entrypoint-permission.ts";
import { fileMachine } from "./rules/file-machine.ts";
import { indexPlatform } from "./rules/index-platform.ts";
import { label } from "./rules/label.ts";
import { layerCount } from "./rules/layer-count.ts";
import { layerDamaged } from "./rules/layer-damaged.ts";
import { layerDiffId } from "./rules/layer-diff-id.ts";
import { libraryMissing } from "./rules/library-missing.ts";
import { libraryUnusable } from "./rules/library-unusable.ts";
import { loaderMissing } from "./rules/loader-missing.ts";
import { loaderUnusable } from "./rules/loader-unusable.ts";
import { moduleMachine } from "./rules/module-machine.ts";
import { pathMachine } from "./rules/path-machine.ts";
import { programMachine } from "./rules/program-machine.ts";
import { symbolMissing } from "./rules/symbol-missing.ts";
import { userMissing } from "./rules/user-missing.ts";
import { versionMissing } from "./rules/version-missing.ts";
import { waiverExpired } from "./rules/waiver-expired.ts";
import { waiverUnused } from "./rules/waiver-unused.ts";
import { workingDirectory } from "./rules/working-directory.ts";
import type { Rule } from "./rules/rule.ts";

export const rules = [
  label,
  indexPlatform,
  layerCount,
  layerDiffId,
  layerDamaged,
  userMissing,
  workingDirectory,
  entrypointMissing,
  entrypointPermission,
  entrypointFormat,
  entrypointInterpreter,
  entrypointMachine,
  loaderMissing,
  loaderUnusable,
  libraryMissing,
  libraryUnusable,
  versionMissing,
  symbolMissing,
  cpuLevel,
  programMachine,
  moduleMachine,
  fileMachine,
  pathMachine,
  archivePlatform,
  copiedProgram,
  waiverExpired,
  waiverUnused,
] as const satisfies readonly Rule[];
