/** The last words of a program: the line that says why, after whatever came before. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
