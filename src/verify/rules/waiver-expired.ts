/** A waiver whose day is over. */
import type { Rule } from "./rule.ts";

export const waiverExpired: Rule = {
  id: "waiver-expired",
  title: "A waiver has expired",
  what: "Compares the end date of each waiver with today.",
  why: "What was put up with for a while is put up with no longer.",
  example: "until: 2026-01-31",
  fix: "Mend what it waived, or give it a new date and a reason that still holds.",
};
