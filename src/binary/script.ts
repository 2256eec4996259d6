/** The first line of a script: which program reads it (execve(2), "Interpreter scripts"; Linux `fs/binfmt_script.c`). */

/** How many bytes of the line the kernel reads (`BINPRM_BUF_SIZE`). */
export const scriptLineBytes = 256;

export interface Shebang {
  /** Absolute, or relative to the working directory. */
  readonly interpreter: string;
  /** Everything after the interpreter, as one argument. */
  readonly argument?: string;
}

export function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21;
}

/** Reads `#!interpreter argument`; `undefined` where there is none or the kernel would refuse it. */
export function readShebang(head: Uint8Array): Shebang | undefined {
  if (!isScript(head)) return undefined;
  const text = Buffer.from(head.subarray(2, scriptLineBytes)).toString("latin1");
  const [line = ""] = text.split("\n");
  const [, interpreter, argument] =
    /^[ \t]*([^ \t\0]+)(?:[ \t]+([^\0]*?))?[ \t]*$/.exec(line) ?? [];
  if (interpreter === undefined) return undefined;
  return { interpreter, ...(argument === undefined || argument === "" ? {} : { argument }) };
}
