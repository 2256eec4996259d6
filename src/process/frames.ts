/** Scripts and their output over one shell: each is told from the next by a mark that nobody can foresee, on both streams. */
import { StringDecoder } from "node:string_decoder";

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
  /** What the shell reads when a watched script has come to its end. */
  readonly release: string;
  /** Whether a script of ours has ever begun. */
  hasBegun(): boolean;
  /** Whoever gets what comes next. */
  next(receiver: Receiver): void;
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
  /** The last words on standard error, of ssh itself among them. */
  errorTail(): string;
  onErrorLine: ((line: string) => void) | undefined;
}

/** Most characters kept of a script's output; the first ones go. */
const frameLimit = 4 * 1024 * 1024;
const tailLimit = 16 * 1024;

/** `mark` is random: what a login shell prints before the first script, or a script itself, is not taken for the end of one. */
export function createFrames(mark: string): Frames {
  const [out, err] = [collector(frameLimit), collector(tailLimit)];
  let receiver: Receiver | undefined;
  let exitCode: number | undefined;
  let [hasBegun, hasEverBegun] = [false, false];
  const settle = () => {
    if (receiver === undefined || exitCode === undefined || !err.isClosed) return;
    const frame = { exitCode, stdout: out.take(), stderr: err.take() };
    const { done } = receiver;
    [receiver, exitCode, hasBegun] = [undefined, undefined, false];
    done(frame);
  };
  const outLine = (line: string) => {
    const [word, kind, code] = line.split(" ");
    if (word !== mark) {
      if (!hasBegun) return;
      out.add(line);
      receiver?.onLine?.(line);
      return;
    }
    if (kind === "begin") [hasBegun, hasEverBegun] = [true, true];
    else exitCode = Number(code);
  };
  const begin = `printf '\\n${mark} begin\\n'\n`;
  const end = `printf '\\n${mark} end %d\\n' "$code"; printf '\\n${mark}\\n' >&2`;
  const frames: Frames = {
    onErrorLine: undefined,
    // Each mark stands on a line of its own, though a script's last line may have no end.
    wrap: (script) => `${begin}(\n${script}\n) </dev/null\ncode=$?; ${end}\n`,
    // A job in the background has no standard input, so only the loop reads.
    wrapWatched: (script) =>
      `${begin}{ trap 'kill "$inner"' TERM
(\n${script}\n) & inner=$!
wait "$inner"; code=$?; ${end}
} </dev/null & job=$!
while read -r line; do test "$line" = ${mark} && break; done
test "$line" = ${mark} || kill "$job"
wait "$job"
`,
    release: `${mark}\n`,
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
        if (line === mark) err.close();
        else {
          err.add(line);
          frames.onErrorLine?.(line);
        }
      });
      settle();
    },
    errorTail: () => err.peek(),
  };
  return frames;
}

/** Lines of one stream. The empty line that stands before each mark is taken away with it. */
function collector(limit: number) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let text = "";
  const self = {
    isClosed: false,
    feed(bytes: Buffer, onLine: (line: string) => void) {
      const lines = (rest + decoder.write(bytes)).split("\n");
      rest = (lines.pop() ?? "").slice(-limit);
      for (const line of lines) onLine(line);
    },
    add(line: string) {
      text = `${text}${line}\n`;
      if (text.length > 2 * limit) text = text.slice(-limit);
    },
    close() {
      self.isClosed = true;
    },
    peek: () => text + rest,
    take() {
      const whole = text.endsWith("\n") ? text.slice(0, -1) : text;
      text = "";
      self.isClosed = false;
      return whole.slice(-limit);
    },
  };
  return self;
}
