/** Text from elsewhere, fit for a terminal. */

/** Controls would move the cursor or change its colour, and marks of direction would show another order than there is. */
const hidden = /(?![\t\n])\p{Cc}|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029]/gu;

/** A dot in the place of each control character but tab and line feed, so that columns stay what they are. */
export function printable(text: string): string {
  return text.replaceAll(hidden, "·");
}

/** The same as one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "·");
}
