/** Every rule, by its number: what `lint` looks for, and what the pages of rules are generated from. */
import { r1 } from "./rules/r1.ts";
import { r10 } from "./rules/r10.ts";
import { r11 } from "./rules/r11.ts";
import { r12 } from "./rules/r12.ts";
import { r2 } from "./rules/r2.ts";
import { r3 } from "./rules/r3.ts";
import { r4 } from "./rules/r4.ts";
import { r5 } from "./rules/r5.ts";
import { r6 } from "./rules/r6.ts";
import { r7 } from "./rules/r7.ts";
import { r8 } from "./rules/r8.ts";
import { r9 } from "./rules/r9.ts";
import type { Rule } from "./rules/rule.ts";

export const rules: readonly Rule[] = [r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12];
