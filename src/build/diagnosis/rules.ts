/** All causes in the order in which they are looked for: the first that holds is told. */
import { builderRules, cancelRules } from "./builder.ts";
import { cacheRules } from "./cache.ts";
import { dependencyRules } from "./dependency.ts";
import { dockerfileRules, refusedRules } from "./dockerfile.ts";
import { emulatorRules } from "./emulator.ts";
import type { Rule } from "./failed-build.ts";
import { grantRules } from "./grant.ts";
import { networkRules } from "./network.ts";
import { packageRules } from "./package.ts";
import { crashRules, processorLevelRules } from "./processor.ts";
import { commandRules, startRules } from "./program.ts";
import { registryRules } from "./registry.ts";
import { builderDiskRules, killRules, resourceRules } from "./resources.ts";
import { sourceRules } from "./source.ts";
import { libraryRules, stepRules } from "./step.ts";

/**
 * A program that ran comes first, for its rules look at nothing but its own output and end: what failed is in it, and no phrase
 * of a step reaches the rules behind. Within it, from what can be nothing else to what may have many reasons: who was
 * not started at all; the processor's level, which under an emulator ends as a crash as well; the emulator; files of another platform;
 * the network, for behind it packages are missing; the packages; disk and memory; then what only an exit code says.
 */
const programRules: readonly Rule[] = [
  ...startRules,
  ...processorLevelRules,
  ...emulatorRules,
  ...dependencyRules,
  ...libraryRules,
  ...networkRules,
  ...packageRules,
  ...resourceRules,
  ...crashRules,
  ...killRules,
  ...commandRules,
  ...stepRules,
];

/**
 * Then what buildx and BuildKit say themselves: of themselves, of the Dockerfile, of what a step wants and brings in. A full disk fails
 * anything, so it is before what it makes fail; what the builder would not take without a code of its own is last.
 */
export const rules: readonly Rule[] = [
  ...programRules,
  ...builderRules,
  ...dockerfileRules,
  ...builderDiskRules,
  ...grantRules,
  ...sourceRules,
  ...cacheRules,
  ...registryRules,
  ...cancelRules,
  ...refusedRules,
];
