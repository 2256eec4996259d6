import { isSpace } from "./line.ts";

export interface LexedWord {
  readonly text: string;
  /** Offsets in the source. */
  readonly start: number;
  readonly end: number;
}

/** The words as they come: only white space outside of quotes and escapes parts them. */
export class WordList {
  readonly #words: LexedWord[] = [];
  #text = "";
  #start = -1;

  add(text: string, start: number): void {
    if (text === "") return;
    if (this.#start === -1) this.#start = start;
    this.#text += text;
  }

  /** What a variable stands for is split as well. */
  addSplit(text: string, start: number, end: number): void {
    for (const character of text) {
      if (!isSpace(character)) this.add(character, start);
      else if (this.#text !== "") this.#flush(text.length === 1 ? start : end);
    }
  }

  end(at: number): readonly LexedWord[] {
    if (this.#text !== "") this.#flush(at);
    return this.#words;
  }

  #flush(end: number): void {
    this.#words.push({ text: this.#text, start: this.#start, end });
    this.#text = "";
    this.#start = -1;
  }
}
