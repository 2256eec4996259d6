/** The output of one step, cut into lines: BuildKit hands on pieces as the program wrote them. */
import { StringDecoder } from "node:string_decoder";

interface Line {
  readonly line: string;
  /** Since the step began, when the line's last piece came. */
  readonly seconds: number;
}

/** A line that is longer is told in parts: a program may print for ever and never end its line. */
const longestLine = 64 * 1024;

export class Lines {
  readonly #streams = new Map<number, { readonly decoder: StringDecoder; rest: string }>();
  #seconds = 0;

  /** Takes in a piece of a stream (1 or 2). @returns the lines that are whole now */
  take(stream: number, data: Uint8Array, seconds: number): readonly Line[] {
    const one = this.#streams.get(stream) ?? { decoder: new StringDecoder("utf8"), rest: "" };
    this.#streams.set(stream, one);
    this.#seconds = seconds;
    const lines = (one.rest + one.decoder.write(Buffer.from(data))).split("\n");
    one.rest = lines.pop() ?? "";
    if (one.rest.length > longestLine) {
      lines.push(one.rest);
      one.rest = "";
    }
    return lines.map((line) => ({ line: line.replace(/\r$/, ""), seconds }));
  }

  /** What has no end of line. */
  end(): readonly Line[] {
    const rests = [...this.#streams.values()].map(({ decoder, rest }) => rest + decoder.end());
    this.#streams.clear();
    return rests.filter((line) => line !== "").map((line) => ({ line, seconds: this.#seconds }));
  }
}
