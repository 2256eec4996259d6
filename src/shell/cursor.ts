/** A place among the tokens of a shell's text, and what is expected there. */
import type { Arithmetic } from "./node.ts";
import type { ShellWord, Token } from "./token.ts";

export class NotUnderstood extends Error {}

export class Cursor {
  at = 0;
  /** The operator that was passed last. */
  before = "";
  /** Whether it passed functions, arrays or arithmetic. */
  hasDefinitions = false;
  readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get token(): Token | undefined {
    return this.tokens[this.at];
  }

  /** The operator that stands there. */
  get operator(): string | undefined {
    return this.token?.kind === "operator" ? this.token.text : undefined;
  }

  /** @throws NotUnderstood */
  word(): ShellWord {
    const { token } = this;
    if (token?.kind !== "word") throw new NotUnderstood();
    this.at += 1;
    return token;
  }

  words(): readonly ShellWord[] {
    const words: ShellWord[] = [];
    while (this.token?.kind === "word") words.push(this.word());
    return words;
  }

  redirections(): readonly { readonly sign: string; readonly to: ShellWord }[] {
    const found: { sign: string; to: ShellWord }[] = [];
    for (let { token } = this; token?.kind === "redirection"; { token } = this) {
      this.at += 1;
      found.push({ sign: token.text, to: this.word() });
    }
    return found;
  }

  /** Passes the operator that stands there. */
  pass(operator: string): void {
    this.at += 1;
    this.before = operator;
  }

  skipFeeds(): void {
    while (this.operator === "\n") this.pass("\n");
  }

  /** @throws NotUnderstood */
  expectOperator(text: string): void {
    if (this.operator !== text) throw new NotUnderstood();
    this.at += 1;
  }

  takeWord(text: string): boolean {
    const isThere = this.token?.kind === "word" && this.token.text === text;
    if (isThere) this.at += 1;
    return isThere;
  }

  /** @throws NotUnderstood */
  expectWord(text: string): void {
    if (!this.takeWord(text)) throw new NotUnderstood();
  }

  /** `NAME=(…)`, `((…))`: what is in it is passed over. @throws NotUnderstood */
  passBrackets(): readonly Token[] {
    this.hasDefinitions = true;
    const start = this.at;
    this.at += 1;
    for (let open = 1; open > 0; this.at += 1) {
      const token = this.token;
      if (token === undefined) throw new NotUnderstood();
      if (token.text === "(" && token.kind === "operator") open += 1;
      if (token.text === ")" && token.kind === "operator") open -= 1;
    }
    return this.tokens.slice(start, this.at);
  }

  /** Whether `((` stands there, and not a subshell in another one. */
  get isArithmetic(): boolean {
    const [one, other] = this.tokens.slice(this.at, this.at + 2);
    return one?.text === "(" && other?.text === "(" && one.end === other.start;
  }

  /** @throws NotUnderstood */
  arithmetic(): Arithmetic {
    const tokens = this.passBrackets();
    const [last, before] = [tokens.at(-1), tokens.at(-2)];
    if (before?.text !== ")" || before.end !== last?.start) throw new NotUnderstood();
    const words = tokens.flatMap(({ kind, text }) => (kind === "word" ? [text] : []));
    return {
      kind: "arithmetic",
      names: words.flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []),
    };
  }
}
