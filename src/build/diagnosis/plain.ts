/** Text of others as it may be shown. */
import { stripVTControlCharacters } from "node:util";
import { redact } from "../../process/command.ts";

/** Word by word. A value is struck out star by star, so that carets stay below what they mean. */
export function redacted(text: string): string {
  return text.replaceAll(/\S+/g, (word) => {
    const plain = redact(word);
    return plain === word || !plain.endsWith("***") ? plain : plain.padEnd(word.length, "*");
  });
}

/** A line as it was to be seen in the end: without colours, and of a line that was written over the last version. */
export function plainLine(line: string): string {
  const versions = stripVTControlCharacters(line).split("\r");
  const last = versions.findLast((version) => version.trim() !== "") ?? "";
  return last
    .replaceAll("\t", "    ")
    .replaceAll(/\p{Cc}/gu, "")
    .trimEnd();
}
