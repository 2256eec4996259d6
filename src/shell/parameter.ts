/** `${name}` with what changes its value: `:-`, `#`, `%`, `/` (POSIX.1-2017, XCU 2.6.2; and what bash adds). */
import { globExpression, matchesGlob } from "./pattern.ts";
import { hole, isKnown, type Value } from "./value.ts";

export interface Parameter {
  /** Empty where the form is not known. */
  readonly name: string;
  readonly modifier: string;
  readonly argument: string;
  readonly argumentStart: number;
  /** Where the expansion ends. */
  readonly end: number;
}

/** What it stands for. `expand` expands its argument. */
export function parameterText(
  { name, modifier, argument, argumentStart }: Parameter,
  value: Value | undefined,
  expand: (argument: string, start: number) => Value,
): Value {
  if (name === "") return { text: hole };
  if (modifier === "") return value ?? { text: "" };
  const isColon = modifier.startsWith(":");
  if (value !== undefined && !isKnown(value) && value.text.replaceAll(hole, "") === "") {
    // Whether it is empty is not known either.
    return /^:?[-=+?]$/.test(modifier) ? { text: hole } : value;
  }
  const isSet = value !== undefined && !(isColon && value.text === "");
  switch (modifier.replace(":", "")) {
    case "-":
    case "=":
      return isSet ? value : expand(argument, argumentStart);
    case "+":
      return isSet ? expand(argument, argumentStart) : { text: "" };
    case "?":
      return isSet ? value : { text: hole };
    default:
      return changed(value ?? { text: "" }, modifier, expand(argument, argumentStart));
  }
}

/** Longer values are cut and replaced in by nobody, and it would take a time that grows with their square. */
const longest = 1024;

function changed(value: Value, modifier: string, argument: Value): Value {
  if (!isKnown(value) || !isKnown(argument) || value.text.length > longest)
    return { ...value, text: hole };
  const text = changedText(value.text, modifier, argument.text);
  return { ...value, text: text ?? hole };
}

function changedText(text: string, modifier: string, argument: string): string | undefined {
  if (modifier.startsWith("^") || modifier.startsWith(",")) return changedCase(text, modifier);
  const slash = argument.indexOf("/");
  const isReplacing = modifier.startsWith("/");
  const glob = isReplacing && slash !== -1 ? argument.slice(0, slash) : argument;
  const pattern = globExpression(glob);
  if (pattern === undefined) return undefined;
  if (isReplacing) {
    // With several stars it would try too many places.
    if (glob.split("*").length > 2) return undefined;
    const flags = modifier === "//" ? "gu" : "u";
    const replacement = slash === -1 ? "" : argument.slice(slash + 1);
    return text.replace(new RegExp(pattern, flags), () => replacement);
  }
  const isLongest = modifier.length === 2;
  const cuts = Array.from({ length: text.length + 1 }, (_, at) => at);
  if (modifier.startsWith("#")) {
    const order = isLongest ? cuts.toReversed() : cuts;
    const cut = order.find((at) => matchesGlob(text.slice(0, at), glob));
    return cut === undefined ? text : text.slice(cut);
  }
  const order = isLongest ? cuts : cuts.toReversed();
  const cut = order.find((at) => matchesGlob(text.slice(at), glob));
  return cut === undefined ? text : text.slice(0, cut);
}

function changedCase(text: string, modifier: string): string {
  const change = (part: string) =>
    modifier.startsWith("^") ? part.toUpperCase() : part.toLowerCase();
  return modifier.length === 2 ? change(text) : change(text.slice(0, 1)) + text.slice(1);
}
