/** A place among the tokens of a shell's text, and what is expected there. */
import type { ShellWord, Token } from "./token.ts";

export class NotUnderstood extends Error {}

export class Cursor {
  at = 0;
  /** The operator that was passed last. */
  before = "";
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
}
