/** The guard's own program (see guard.ts): reads what to do from standard input, and does it when that ends. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * When we were killed, or interrupted in the middle, a command of ours may still be on its way and make what it makes
 * after the first look; so it is looked again, at these milliseconds after the pipe closed.
 */
const sweepsAtMs = { once: [0], thorough: [0, 500, 2_000], killed: [0, 500, 2_000, 6_000] };

/** A command's own deadline in milliseconds. */
const deadlineMs = 60_000;

interface Held {
  readonly command: readonly string[];
  readonly list: readonly string[] | undefined;
}

let held: readonly Held[] = [];
let release: "once" | "thorough" | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const message: unknown = JSON.parse(line);
  if (typeof message !== "object" || message === null) continue;
  if ("expect" in message && Array.isArray(message.expect)) held = message.expect.map(readHeld);
  if ("release" in message) release = message.release === "thorough" ? "thorough" : "once";
}

let isClean = true;
let passed = 0;
for (const at of sweepsAtMs[release ?? "killed"]) {
  await sleep(at - passed);
  passed = at;
  isClean = await sweep();
}
process.exitCode = isClean ? 0 : 1;

/** Carries out every command in order. Whether all succeeded. */
async function sweep(): Promise<boolean> {
  let areDone = true;
  for (const { command, list } of held) {
    const listed = list === undefined ? undefined : await run(list);
    const words = listed?.stdout.split(/\s+/).filter((word) => word !== "") ?? [];
    if (listed?.isDone === false) areDone = false;
    if (listed !== undefined && words.length === 0) continue;
    const { isDone } = await run([...command, ...words]);
    areDone &&= isDone;
  }
  return areDone;
}

async function run([program = "", ...args]: readonly string[]) {
  return await new Promise<{ readonly isDone: boolean; readonly stdout: string }>((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: deadlineMs,
      windowsHide: true,
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.on("error", () => resolve({ isDone: false, stdout }));
    child.on("close", (code) => resolve({ isDone: code === 0, stdout }));
  });
}

function wordsOf(list: unknown): readonly string[] | undefined {
  return Array.isArray(list) ? list.map(String) : undefined;
}

function readHeld(value: unknown): Held {
  const from = typeof value === "object" && value !== null ? value : {};
  return {
    command: wordsOf("command" in from ? from.command : undefined) ?? [],
    list: wordsOf("list" in from ? from.list : undefined),
  };
}
