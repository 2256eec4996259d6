/** Reads a shell's text into its nodes (POSIX.1-2017, XCU 2.10). */
import type { List, Loop, ShellNode, SimpleCommand } from "./node.ts";
import { Cursor, NotUnderstood } from "./cursor.ts";
import { readTokens, type ShellWord, type Token } from "./token.ts";

export interface ShellSyntax {
  readonly list: List;
  /** Every simple command, in order, also those before a place that was not understood. */
  readonly commands: readonly SimpleCommand[];
  /** Whether all of it was understood. */
  readonly isComplete: boolean;
  readonly tokens: readonly Token[];
  /** Whether it has functions, arrays, arithmetic or `<(…)`, which a line by itself says little of. */
  readonly hasDefinitions: boolean;
}

/** No text that people write nests deeper. */
const deepest = 40;

export function parseShell(text: string, depth = 0): ShellSyntax {
  const { tokens, isComplete } = readTokens(text);
  const parser = new Parser(tokens, depth);
  const list = parser.read();
  const { commands } = parser;
  const hasDefinitions = parser.hasDefinitions || tokens.some(isProcess);
  const isWhole = isComplete && list !== undefined;
  return {
    list: list ?? { kind: "list", items: [] },
    commands,
    isComplete: isWhole,
    tokens,
    hasDefinitions,
  };
}

function isProcess({ kind, text }: Token): boolean {
  return kind === "word" && /^[<>]\(/.test(text);
}

const none: ReadonlySet<string> = new Set();
const joints: ReadonlySet<string> = new Set(["&&", "||", ";", "&", "\n"]);

class Parser extends Cursor {
  readonly commands: SimpleCommand[] = [];
  #depth: number;

  constructor(tokens: readonly Token[], depth: number) {
    super(tokens);
    this.#depth = depth;
  }

  /** Undefined where something is not understood. */
  read(): List | undefined {
    try {
      const list = this.#list(none);
      return this.at === this.tokens.length ? list : undefined;
    } catch (error) {
      if (error instanceof NotUnderstood) return undefined;
      throw error;
    }
  }

  #list(ends: ReadonlySet<string>): List {
    const items: { joint: string; node: ShellNode }[] = [];
    for (let joint = ""; ;) {
      this.skipFeeds();
      const token = this.token;
      if (token === undefined || isEnd(token, ends)) break;
      items.push({ joint, node: this.#pipeline() });
      const operator = this.operator;
      if (operator === undefined || !joints.has(operator)) break;
      joint = operator;
      this.pass(operator);
    }
    return { kind: "list", items };
  }

  #pipeline(): ShellNode {
    let isNegated = false;
    while (this.takeWord("!")) isNegated = !isNegated;
    const parts = [this.#command()];
    while (this.operator === "|") {
      this.pass("|");
      this.skipFeeds();
      parts.push(this.#command());
    }
    const [only] = parts;
    if (only !== undefined && parts.length === 1 && !isNegated) return only;
    return { kind: "pipeline", parts, isNegated };
  }

  #command(): ShellNode {
    const token = this.token;
    const isWord = token?.kind === "word";
    const read = isWord ? this.#compounds.get(token.text) : undefined;
    if (read === undefined && this.operator !== "(") return this.#simpleOrFunction();
    if (read === undefined && this.isArithmetic) return this.arithmetic();
    if (this.#depth > deepest) throw new NotUnderstood();
    this.#depth += 1;
    this.at += 1;
    const node = read === undefined ? this.#group(true) : read();
    this.#depth -= 1;
    const redirections = this.redirections();
    if (redirections.length > 0) this.#keep([], [], redirections);
    return node;
  }

  /** What the words that begin a compound command are read by. */
  readonly #compounds: ReadonlyMap<string, () => ShellNode> = new Map([
    ["if", () => this.#if()],
    ["while", () => this.#loop("while")],
    ["until", () => this.#loop("until")],
    ["for", () => this.#for()],
    ["case", () => this.#case()],
    ["{", () => this.#group(false)],
    ["[[", () => this.#test()],
    ["function", () => this.#function()],
    [
      "select",
      () => {
        throw new NotUnderstood();
      },
    ],
  ]);

  #group(isSubshell: boolean): ShellNode {
    const body = this.#list(isSubshell ? none : new Set(["}"]));
    if (isSubshell) this.#close();
    else this.expectWord("}");
    return { kind: "group", isSubshell, body };
  }

  #close(): void {
    this.expectOperator(")");
    this.before = ")";
  }

  #if(): ShellNode {
    const branches: { condition: List; body: List }[] = [];
    let otherwise: List | undefined;
    do {
      const condition = this.#list(new Set(["then"]));
      this.expectWord("then");
      branches.push({ condition, body: this.#list(new Set(["elif", "else", "fi"])) });
    } while (this.takeWord("elif"));
    if (this.takeWord("else")) otherwise = this.#list(new Set(["fi"]));
    this.expectWord("fi");
    return { kind: "if", branches, ...(otherwise === undefined ? {} : { otherwise }) };
  }

  #loop(kind: Loop["kind"]): ShellNode {
    const condition = this.#list(new Set(["do"]));
    return { kind, condition, body: this.#doBody() };
  }

  #for(): ShellNode {
    if (this.isArithmetic) {
      const items = [{ joint: "", node: this.arithmetic() }];
      if (this.operator === ";") this.at += 1;
      this.skipFeeds();
      return { kind: "while", condition: { kind: "list", items }, body: this.#doBody() };
    }
    const name = this.word().text;
    this.skipFeeds();
    const words = this.takeWord("in") ? this.words() : undefined;
    if (this.operator === ";") this.at += 1;
    this.skipFeeds();
    return { kind: "for", name, ...(words === undefined ? {} : { words }), body: this.#doBody() };
  }

  #doBody(): List {
    this.expectWord("do");
    const body = this.#list(new Set(["done"]));
    this.expectWord("done");
    return body;
  }

  #case(): ShellNode {
    const subject = this.word();
    this.skipFeeds();
    this.expectWord("in");
    const items: { patterns: ShellWord[]; body: List }[] = [];
    for (this.skipFeeds(); !this.takeWord("esac"); this.skipFeeds()) {
      if (this.operator === "(") this.at += 1;
      const patterns = [this.word()];
      while (this.operator === "|") {
        this.at += 1;
        patterns.push(this.word());
      }
      this.expectOperator(")");
      items.push({ patterns, body: this.#list(new Set(["esac"])) });
      if (this.operator === ";;") this.pass(";;");
      else if (this.token?.text !== "esac") throw new NotUnderstood();
    }
    return { kind: "case", subject, items };
  }

  #test(): ShellNode {
    const start = this.at;
    while (!this.takeWord("]]")) {
      if (this.at >= this.tokens.length) throw new NotUnderstood();
      this.at += 1;
    }
    return { kind: "test", tokens: this.tokens.slice(start, this.at - 1) };
  }

  #function(): ShellNode {
    const name = this.word().text;
    if (!/^[\w.:-]+$/.test(name)) throw new NotUnderstood();
    if (this.operator === "(") {
      this.at += 1;
      this.expectOperator(")");
    }
    this.skipFeeds();
    this.hasDefinitions = true;
    return { kind: "function", name, body: this.#command() };
  }

  #simpleOrFunction(): ShellNode {
    const assignments: ShellWord[] = [];
    const words: ShellWord[] = [];
    const redirections: { sign: string; to: ShellWord }[] = [];
    for (;;) {
      redirections.push(...this.redirections());
      const token = this.token;
      if (token?.kind === "word") {
        this.at += 1;
        const isAssignment =
          words.length === 0 && /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(token.text);
        (isAssignment ? assignments : words).push(token);
      } else if (this.operator === "(") {
        const own = words.length > 0 ? words : assignments;
        const last = own.at(-1);
        if (last?.text.endsWith("=") !== true || last.end !== token?.start)
          return this.#definition(words.length + assignments.length);
        own.splice(-1, 1, { ...last, isArray: true });
        this.passBrackets();
      } else break;
    }
    if (assignments.length + words.length + redirections.length === 0) throw new NotUnderstood();
    return this.#keep(assignments, words, redirections);
  }

  /** `name() command`, its name read already. */
  #definition(words: number): ShellNode {
    if (words !== 1) throw new NotUnderstood();
    this.at -= 1;
    return this.#function();
  }

  #keep(
    assignments: readonly ShellWord[],
    words: readonly ShellWord[],
    redirections: SimpleCommand["redirections"],
  ): SimpleCommand {
    const parts = [...assignments, ...words, ...redirections.map(({ to }) => to)];
    const command = {
      kind: "simple",
      words,
      assignments,
      redirections,
      start: Math.min(...parts.map(({ start }) => start)),
      end: Math.max(...parts.map(({ end }) => end)),
      before: this.before,
      after: this.operator ?? "",
      depth: this.#depth,
    } as const;
    this.commands.push(command);
    return command;
  }
}

function isEnd(token: Token, ends: ReadonlySet<string>): boolean {
  if (token.kind === "operator") return token.text === ")" || token.text === ";;";
  return token.kind === "word" && ends.has(token.text);
}
