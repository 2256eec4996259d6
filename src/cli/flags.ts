/** The kinds of flag that the verbs have, each in one line where it is used. */
import { numberParser } from "@stricli/core";

/** A text that may be left out. */
export function textFlag(brief: string, placeholder: string) {
  return { kind: "parsed", parse: String, optional: true, brief, placeholder } as const;
}

export const storeFlag = textFlag("The store's directory", "DIR");

/** A text with a value of its own where it is left out. */
export function textFlagWith(standard: string, brief: string, placeholder: string) {
  return { kind: "parsed", parse: String, default: standard, brief, placeholder } as const;
}

/** A text that may stand several times. */
export function listFlag(brief: string, placeholder: string) {
  return {
    kind: "parsed",
    parse: String,
    optional: true,
    variadic: true,
    brief: `${brief}; may be repeated`,
    placeholder,
  } as const;
}

/** A number with a value of its own where it is left out. */
export function numberFlag(standard: number, brief: string, placeholder: string) {
  return {
    kind: "parsed",
    parse: numberParser,
    default: String(standard),
    brief,
    placeholder,
  } as const;
}

/** Off, unless it is named. */
export function switchFlag(brief: string) {
  return { kind: "boolean", default: false, withNegated: false, brief } as const;
}

/** On, unless it is negated: `--no-…`. */
export function onFlag(brief: string) {
  return { kind: "boolean", default: true, brief } as const;
}

/** Named, negated (`--no-…`), or left to what stands elsewhere. */
export function choiceFlag(brief: string) {
  return { kind: "boolean", optional: true, brief } as const;
}
