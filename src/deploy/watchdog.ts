/** The program that a server runs for us, in POSIX sh: nothing but docker and a shell can be counted on there. */
import { readFile } from "node:fs/promises";

/** In this order each finds what it needs; `main` is called in the last line, so a program that was cut off does nothing. */
const pieces = [
  "clock",
  "process",
  "lock",
  "state",
  "events",
  "gate",
  "network",
  "release",
  "recreate",
  "proxy",
  "proxied",
  "bake",
  "record",
  "main",
] as const;
/** `certificate` is for whoever makes a proxy ready. */
type Piece = (typeof pieces)[number] | "certificate";

export async function watchdogProgram(): Promise<string> {
  const texts = await Promise.all(pieces.map(readPiece));
  return texts.join("\n");
}

/** In `dist/` they lie in a directory of that name as well. */
export async function readPiece(piece: Piece): Promise<string> {
  return await readFile(new URL(`./watchdog/${piece}.sh`, import.meta.url), "utf8");
}
