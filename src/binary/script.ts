/** The first line of a script: which program reads it (execve(2), "Interpreter scripts"; Linux `fs/binfmt_script.c`). */

/** How many bytes of the line the kernel reads (`BINPRM_BUF_SIZE`). */
export const scriptLineBytes = 256;

export interface Shebang {
  /** Absolute, or relative to the working directory; empty where the line has none and does not end. */
  readonly interpreter: string;
  /** Everything after the interpreter, as one argument, cut off where the kernel stops reading. */
  readonly argument?: string;
}

export function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21;
}

const [zero, tab, lineEnd, space] = [0x00, 0x09, 0x0a, 0x20];

/** Reads `#!interpreter argument`; `undefined` where there is none or the kernel would refuse it. */
export function readShebang(head: Uint8Array): Shebang | undefined {
  if (!isScript(head)) return undefined;
  // A shorter file reads as if zeros followed it.
  const line = Buffer.alloc(scriptLineBytes);
  line.set(head.subarray(0, scriptLineBytes));
  const last = scriptLineBytes - 1;
  let end = endOfLine(line);
  if (end === undefined) {
    // Without an end of its line the interpreter's name may have been cut off, unless something follows it.
    const name = skipSpaces(line, 2, last);
    if (name === undefined || findEndOfWord(line, name, last) === undefined) return undefined;
    end = last;
  }
  while (isSpace(line[end - 1])) end -= 1;
  const name = skipSpaces(line, 2, end);
  if (name === undefined || name === end) return undefined;
  const separator = findEndOfWord(line, name, end) ?? end;
  line[end] = zero;
  const hasMore = separator < end && line[separator] !== zero;
  const argument = hasMore ? skipSpaces(line, separator, end) : undefined;
  return {
    interpreter: textUntil(line, name, separator),
    ...(argument === undefined ? {} : { argument: textUntil(line, argument, end) }),
  };
}

/** The line's end, unless a zero byte comes first. */
function endOfLine(line: Uint8Array): number | undefined {
  const at = line.findIndex((byte) => byte === lineEnd || byte === zero);
  return at >= 0 && line[at] === lineEnd ? at : undefined;
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}

/** The first byte from `start` up to and with `last` that is no space. */
function skipSpaces(line: Uint8Array, start: number, last: number): number | undefined {
  for (let at = start; at <= last; at += 1) if (!isSpace(line[at])) return at;
  return undefined;
}

function findEndOfWord(line: Uint8Array, start: number, last: number): number | undefined {
  for (let at = start; at <= last; at += 1) if (isSpace(line[at]) || line[at] === zero) return at;
  return undefined;
}

function textUntil(line: Buffer, start: number, end: number): string {
  const zeroAt = line.indexOf(zero, start);
  return line.toString("utf8", start, zeroAt < 0 ? end : Math.min(zeroAt, end));
}
