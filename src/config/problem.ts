/** What is wrong with a block, in a sentence each, with the place where it stands. */
import * as z from "zod";
import { fail } from "../errors.ts";
import { locate, type ParsedSource, type Way } from "./locate.ts";
import { nearestWord } from "./words.ts";

export type { Way } from "./locate.ts";

export interface Problem {
  readonly way: Way;
  /** Whether it is about the key or about what stands there. */
  readonly at: "key" | "value";
  readonly text: string;
}

/** Whether it is one, and not the value that was looked for. */
export function isProblem(answer: unknown): answer is Problem {
  return typeof answer === "object" && answer !== null && "way" in answer;
}

/** The error of those problems, the first one in front. @throws TypeError where there is none */
export function configFailure(problems: readonly Problem[], sources: readonly ParsedSource[]) {
  const told = problems.map(({ way, at, text }) => ({ where: locate(way, sources, at), text }));
  const [first, ...others] = told;
  if (first === undefined) throw new TypeError("nothing is wrong");
  return fail("CONFIG_INVALID", {
    where: first.where,
    problem: first.text,
    others: others.map(({ where, text }) => `${where}: ${text}`),
  });
}

/** What a schema found wrong in what stands at that way. */
export function problemsOf(
  { issues }: z.ZodError,
  schema: z.ZodType,
  way: Way,
): readonly Problem[] {
  return issues.flatMap((issue): readonly Problem[] => {
    const here = [...way, ...issue.path];
    const name = nameOf(here);
    if (issue.code === "unrecognized_keys") {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => {
        const meant = nearestWord(key, known);
        const hint = meant === undefined ? `It has ${known.join(", ")}.` : `Did you mean ${meant}?`;
        return { way: [...here, key], at: "key", text: `${name} has no key "${key}". ${hint}` };
      });
    }
    if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
      return [{ way: here, at: "value", text: `${name} is missing.` }];
    return [{ way: here, at: "value", text: `${name}: ${wordsOf(issue)}.` }];
  });
}

/** `x-transship.waivers[0].reason`; the service is named by the place. */
function nameOf(way: Way): string {
  return way
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .slice(1);
}

function wordsOf(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  if (issue.code === "custom") return message;
  const words = message.replace(/^Invalid (?:input|option|string): /, "");
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** The keys of the object at that path of a schema. */
function keysAt(schema: z.ZodType, path: Way): readonly string[] {
  let inner = unwrapped(schema);
  for (const step of path) {
    if (inner instanceof z.ZodArray) inner = unwrapped(inner.element);
    else if (inner instanceof z.ZodObject) inner = unwrapped(inner.shape[String(step)]);
  }
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema;
}
