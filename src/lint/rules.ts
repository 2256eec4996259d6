/** Every rule, by its number: what `lint` looks for, and what the pages of rules are generated from. */
import { r1 } from "./rules/r1.ts";
import { r11 } from "./rules/r11.ts";
import { r3 } from "./rules/r3.ts";
import { r6 } from "./rules/r6.ts";
import type { Rule } from "./rules/rule.ts";

export const rules: readonly Rule[] = [r1, r3, r6, r11];
