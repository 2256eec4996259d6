/**
 * Parser directives: comments at the very top that tell the builder how to read the rest
 * (https://docs.docker.com/reference/dockerfile/#parser-directives).
 */
import { type Escape, indentOf, withoutReturns } from "./line.ts";
import type { Report } from "./problem.ts";
import type { Range } from "./range.ts";

export interface Directive {
  readonly name: "syntax" | "escape" | "check";
  readonly value: string;
  readonly range: Range;
}

const names: ReadonlySet<string> = new Set(["syntax", "escape", "check"]);

/** The directives, which end at the first line that is none. */
export function readDirectives(lines: readonly string[], report: Report): readonly Directive[] {
  const found: Directive[] = [];
  for (const [index, raw] of lines.entries()) {
    const directive = readDirective(withoutReturns(raw), index);
    if (directive === undefined) break;
    const { name, value, range } = directive;
    if (found.some((other) => other.name === name)) {
      report("directive", `the directive ${name} may stand there once only`, range);
    } else if (name === "escape" && value !== "\\" && value !== "`") {
      report("directive", `the escape may be \\ or \`, and is ${JSON.stringify(value)}`, range);
    } else found.push(directive);
  }
  return found;
}

export function escapeOf(directives: readonly Directive[]): Escape {
  return directives.some(({ name, value }) => name === "escape" && value === "`") ? "`" : "\\";
}

function readDirective(line: string, index: number): Directive | undefined {
  const indent = indentOf(line);
  const comment = /^#\s*([a-z][a-z\d]*)\s*=(.*)$/isu.exec(line.slice(indent));
  const name = comment?.[1]?.toLowerCase() ?? "";
  const value = comment?.[2]?.trim() ?? "";
  if (!isName(name) || value === "") return undefined;
  const range = {
    line: index + 1,
    column: indent + 1,
    endLine: index + 1,
    endColumn: line.trimEnd().length + 1,
  };
  return { name, value, range };
}

function isName(name: string): name is Directive["name"] {
  return names.has(name);
}
