/** The last lines of a stream whose bytes come in any pieces, as text: however much comes, little is kept. */
import { StringDecoder } from "node:string_decoder";

/** Lines are kept one by one only so long: as many short strings they take many times their characters. */
const mostLines = 1_000;

export class LineCollector {
  readonly #limit: number;
  readonly #decoder = new StringDecoder("utf8");
  /** A line whose end has not come. */
  #rest = "";
  #text = "";
  #lines: string[] = [];
  #length = 0;

  /** `limit`: characters that are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Hands over each line as it is whole; of one that is longer than the limit, its end. */
  feed(bytes: Buffer, onLine: (line: string) => void): void {
    const [first = "", ...others] = this.#decoder.write(bytes).split("\n");
    this.#rest = this.#bounded(this.#rest + first);
    for (const next of others) {
      const line = this.#rest;
      this.#rest = next;
      onLine(line);
    }
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#lines.length >= mostLines || this.#length >= this.#limit) this.#join();
  }

  /** All that is kept, and what has come of the next line. */
  peek(): string {
    this.#join();
    return (this.#text + this.#rest).slice(-this.#limit);
  }

  /** The lines that were added, which are forgotten then; the last without its end. */
  take(): string {
    this.#join();
    const whole = this.#text.slice(0, -1).slice(-this.#limit);
    this.#text = "";
    return whole;
  }

  #join(): void {
    if (this.#lines.length > 0)
      this.#text = this.#bounded(`${this.#text}${this.#lines.join("\n")}\n`);
    this.#lines = [];
    this.#length = 0;
  }

  #bounded(text: string): string {
    return text.length > 2 * this.#limit ? text.slice(-this.#limit) : text;
  }
}
