/** What a shell's text consists of: lists, pipelines and compound commands, each with its place (POSIX.1-2017, XCU 2.9; and what bash adds). */
import type { ShellWord, Token } from "./token.ts";

export type ShellNode =
  | SimpleCommand
  | Pipeline
  | List
  | If
  | Loop
  | For
  | Case
  | Group
  | Definition
  | Test
  | Arithmetic;

export interface SimpleCommand {
  readonly kind: "simple";
  /** The program and its arguments. */
  readonly words: readonly ShellWord[];
  /** `NAME=value` before the program. */
  readonly assignments: readonly ShellWord[];
  /** What `>` and its like write to and read from. */
  readonly redirections: readonly { readonly sign: string; readonly to: ShellWord }[];
  readonly start: number;
  readonly end: number;
  /** The operator before it; empty for the first. */
  readonly before: string;
  /** The operator behind it; empty for the last. */
  readonly after: string;
  /** How many compound commands it stands in. */
  readonly depth: number;
}

interface Pipeline {
  readonly kind: "pipeline";
  readonly parts: readonly ShellNode[];
  readonly isNegated: boolean;
}

export interface List {
  readonly kind: "list";
  /** Each with the operator before it: `&&`, `||`, `;`, `&`, a line feed; empty for the first. */
  readonly items: readonly { readonly joint: string; readonly node: ShellNode }[];
}

export interface If {
  readonly kind: "if";
  readonly branches: readonly { readonly condition: List; readonly body: List }[];
  readonly otherwise?: List;
}

export interface Loop {
  readonly kind: "while" | "until";
  readonly condition: List;
  readonly body: List;
}

export interface For {
  readonly kind: "for";
  readonly name: string;
  /** Absent for the script's own arguments. */
  readonly words?: readonly ShellWord[];
  readonly body: List;
}

export interface Case {
  readonly kind: "case";
  readonly subject: ShellWord;
  readonly items: readonly { readonly patterns: readonly ShellWord[]; readonly body: List }[];
}

interface Group {
  readonly kind: "group";
  readonly isSubshell: boolean;
  readonly body: List;
}

interface Definition {
  readonly kind: "function";
  readonly name: string;
  readonly body: ShellNode;
}

/** `[[ … ]]` */
interface Test {
  readonly kind: "test";
  readonly tokens: readonly Token[];
}

/** `(( … ))` */
export interface Arithmetic {
  readonly kind: "arithmetic";
  /** The variables that it may change. */
  readonly names: readonly string[];
}
