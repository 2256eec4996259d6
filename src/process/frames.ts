/** Scripts and their output over one shell: each is told from the next by a mark that nobody can foresee, on both streams. */
import { LineCollector } from "./line-collector.ts";

/** One script's whole output. */
export interface Frame {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Receiver {
  readonly done: (frame: Frame) => void;
  readonly onLine?: (line: string) => void;
}

export interface Frames {
  /** A script as the shell reads it. */
  wrap(script: string): string;
  /**
   * The same of a long one: meanwhile the shell reads on, and where its input ends it tells the script to end (SIGTERM). Afterwards it
   * waits for {@link Frames.release}.
   */
  wrapWatched(script: string): string;
  /** What the shell reads when a watched script has come to its end: two lines, of which either is enough and the other does nothing. */
  readonly release: string;
  /** Whether a script of ours has ever begun. */
  hasBegun(): boolean;
  /** Whoever gets what comes next. */
  next(receiver: Receiver): void;
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
  /** The last on standard error, of ssh itself among them; where there are none, a line that a login printed before the first script. */
  lastWords(): string;
  onErrorLine: ((line: string) => void) | undefined;
}

/** Most characters kept of a script's output; the first ones go. */
const frameLimit = 4 * 1024 * 1024;
const tailLimit = 16 * 1024;

/** `mark` is random: what a login shell prints before the first script, or a script itself, is not taken for the end of one. */
export function createFrames(mark: string): Frames {
  const [out, err] = [new LineCollector(frameLimit), new LineCollector(tailLimit)];
  let receiver: Receiver | undefined;
  let exitCode: number | undefined;
  let isErrClosed = false;
  let [hasBegun, hasEverBegun] = [false, false];
  let greeting = "";
  const settle = () => {
    if (receiver === undefined || exitCode === undefined || !isErrClosed) return;
    const frame = { exitCode, stdout: out.take(), stderr: err.take() };
    const { done } = receiver;
    [receiver, exitCode, hasBegun, isErrClosed] = [undefined, undefined, false, false];
    done(frame);
  };
  /** An empty line that may be a mark's. */
  let hasEmpty = false;
  const outLine = (line: string) => {
    if (line.startsWith(`${mark} `)) {
      hasEmpty = false;
      const [, kind, code] = line.split(" ");
      if (kind === "begin") [hasBegun, hasEverBegun] = [true, true];
      else exitCode = Number(code);
    } else if (hasBegun) {
      out.add(line);
      if (hasEmpty) receiver?.onLine?.("");
      hasEmpty = line === "";
      if (!hasEmpty) receiver?.onLine?.(line);
    } else if (line.trim() !== "") greeting = line.slice(0, tailLimit);
  };
  const begin = `printf '\\n${mark} begin\\n'; printf '\\n${mark} begin\\n' >&2`;
  const over = `: ${mark}`;
  const end = `printf '\\n${mark} end %d\\n' "$code"; printf '\\n${mark} end\\n' >&2`;
  const frames: Frames = {
    onErrorLine: undefined,
    // Each mark stands on a line of its own, though a script's last line may have no end.
    wrap: (script) => `${begin}\n(\n${script}\n) </dev/null\ncode=$?; ${end}\n`,
    // It is one command: of several a shell would carry out those that it has read, and the loop would take the others for its input.
    // A job in the background has no standard input, so only the loop reads. When the job ends while it reads, busybox's `read` forgets
    // what it has of its line (ash.c, readcmd, on EINTR): hence a second one, which is a command that does nothing where the first sufficed.
    wrapWatched: (script) => `{ ${begin}
{ inner= isOver=
trap 'isOver=1; test -z "$inner" || kill "$inner"' TERM
(\n${script}\n) & inner=$!
test -z "$isOver" || kill "$inner"
wait "$inner"; code=$?; ${end}
} </dev/null & job=$!
while read -r line; do test "$line" = '${over}' && break; done
test "$line" = '${over}' || kill "$job"
wait "$job"; }
`,
    release: `${over}\n${over}\n`,
    hasBegun: () => hasEverBegun,
    next(one) {
      receiver = one;
    },
    stdout(bytes) {
      out.feed(bytes, outLine);
      settle();
    },
    stderr(bytes) {
      err.feed(bytes, (line) => {
        if (line === `${mark} begin`) err.take();
        else if (line === `${mark} end`) isErrClosed = true;
        else {
          err.add(line);
          frames.onErrorLine?.(line);
        }
      });
      settle();
    },
    lastWords: () => err.peek() || greeting,
  };
  return frames;
}
