/** What `transship ship` is given when no flag is typed. */
import type { ShipFlags } from "../../src/cli/commands/ship.ts";

export const defaultFlags: ShipFlags = {
  format: "text",
  json: false,
  verbose: false,
  quiet: false,
  parallel: 4,
  keep: 3,
  strict: false,
  shipAnyway: false,
  dryRun: false,
  progress: "auto",
};
