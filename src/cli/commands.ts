/** The verbs, in the order in which an image meets them. */
import type { Command } from "@stricli/core";
import type { CliContext } from "./context.ts";

export const commands: Readonly<Record<string, Command<CliContext>>> = {};
