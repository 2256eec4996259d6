/** A waiver that waives nothing. */
import type { Rule } from "./rule.ts";

export const waiverUnused: Rule = {
  id: "waiver-unused",
  title: "A waiver matched nothing",
  what: "Tells each waiver that no finding needed.",
  why: "It may be mistyped, or its reason gone.",
  example: "rule: file-machine, path: /opt/olds/**",
  fix: "Remove it, or correct its rule and path.",
};
