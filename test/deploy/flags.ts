/** The flags of `transship deploy` where none is given. */
import type { DeployFlags } from "../../src/cli/commands/deploy.ts";

export const unsaid: DeployFlags = {
  format: "text",
  json: false,
  verbose: false,
  quiet: false,
  health: true,
  timeout: 10,
  singleWriter: false,
  build: true,
  test: true,
  forceUnlock: false,
  attach: false,
  strict: false,
  shipAnyway: false,
  dryRun: false,
  progress: "auto",
};
