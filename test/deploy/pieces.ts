/** The watchdog's pieces, run in the shells that a server may have. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const directory = fileURLToPath(new URL("../../src/deploy/watchdog/", import.meta.url));

/** `process.sh`, `lock.sh`, … */
export type Piece =
  | "clock"
  | "process"
  | "lock"
  | "state"
  | "events"
  | "gate"
  | "release"
  | "recreate"
  | "bake"
  | "record"
  | "network"
  | "proxy"
  | "certificate"
  /** Without its last line, which calls it. */
  | "main";

export interface PieceScript {
  /** The shell, as it is typed. */
  readonly words: string;
  readonly pieces: readonly Piece[];
  /** `$place`: the app's directory. */
  readonly place: string;
  /** What comes after the pieces. */
  readonly script: string;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** It is killed when the test has ended. */
export function startPieces(t: TestContext, options: PieceScript): ChildProcessWithoutNullStreams {
  const { words, pieces, place, script, env = {} } = options;
  const [program = "sh", ...args] = words.split(" ");
  const sources = pieces.map((piece) =>
    piece === "main" ? `eval "$(sed '$d' '${directory}main.sh')"` : `. '${directory}${piece}.sh'`,
  );
  const whole = [`place='${place}'`, ...sources, script].join("\n");
  const child = spawn(program, [...args, "-c", whole], {
    stdio: "pipe",
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** What it says, and how it ends. */
export async function runPieces(t: TestContext, options: PieceScript) {
  const child = startPieces(t, options);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { exitCode: child.exitCode, stdout, stderr };
}
