/** The judge: starts a case's container on the real kernel, with the real loader, and tells what came of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { inParallel } from "../../src/process/parallel.ts";
import type { Image } from "./corpus.ts";
import { pullImage, type Ran, removeImage, runContainer, type Started } from "./engine-api.ts";
import type { Case } from "./case.ts";

export interface Judged {
  readonly starts: boolean;
  readonly exitCode?: number;
  /** What is printed, the engine's refusal first. */
  readonly words: string;
}

/** Starts every image; those that want an emulator switched off come last, one emulator after the other. */
export async function judge(
  socket: string,
  repository: string,
  images: readonly Image[],
): Promise<ReadonlyMap<Case, Judged>> {
  const verdicts = new Map<Case, Judged>();
  const run = async ({ one, tag }: Image) => {
    verdicts.set(one, judged(await runHeard(socket, started(one, `${repository}:${tag}`))));
  };
  for (const [emulator, some] of Map.groupBy(images, emulatorOff)) {
    const all = async () => await inParallel(some, 3, run);
    await (emulator === undefined ? all() : withoutEmulator(emulator, all));
  }
  return verdicts;
}

/** Starts it again where it failed without a word, a few times: a busy engine may lose what a program said that ended at once. */
async function runHeard(socket: string, container: Started): Promise<Ran> {
  let ran = await runContainer(socket, container);
  for (let again = 0; again < 3 && isSilent(ran); again += 1) {
    ran = await runContainer(socket, container);
  }
  return ran;
}

/** Failed of its own will, and said nothing. */
function isSilent({ refused, exitCode = 0, output }: Ran): boolean {
  return refused === undefined && exitCode > 0 && exitCode < 128 && output === "";
}

/** Pulls an image and starts it. */
export async function judgePulled(
  socket: string,
  image: string,
  platform: string,
): Promise<Judged> {
  const refused = await pullImage(socket, image, platform);
  if (refused !== undefined) return { starts: false, words: refused };
  try {
    return judged(await runContainer(socket, { image, platform }));
  } finally {
    await removeImage(socket, image);
  }
}

function emulatorOff({ one }: Image): string | undefined {
  return one.runs !== undefined && "without" in one.runs ? one.runs.without : undefined;
}

function started({ tries, runs, config, machine }: Case, image: string): Started {
  const own = tries === undefined ? {} : { entrypoint: tries, command: [] };
  if (runs === undefined || "without" in runs) return { image, ...own };
  if (machine !== "amd64") return { image, ...own, env: [`QEMU_CPU=${runs.cpu}`] };
  const argv = tries ?? [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return {
    image,
    entrypoint: ["/emulator", "-cpu", runs.cpu, ...argv],
    command: [],
    binds: ["/usr/bin/qemu-x86_64-static:/emulator:ro"],
  };
}

/** What a shell says of a program that a signal ended (exit code 128 and the signal's number); the container prints nothing. */
const signalWords: ReadonlyMap<number, string> = new Map([
  [132, "Illegal instruction"],
  [135, "Bus error"],
  [139, "Segmentation fault"],
]);

function judged({ refused, exitCode, output }: Ran): Judged {
  const words = [refused, output, signalWords.get(exitCode ?? 0)]
    .filter((text) => text !== undefined && text !== "")
    .join("\n");
  return { starts: exitCode === 0, words, ...(exitCode === undefined ? {} : { exitCode }) };
}

/**
 * Switches an emulator off while the work is done (Linux, binfmt-misc.rst). What switches it on again is a process of its own that
 * waits for our end of a pipe to close, so that it is done even if we are killed.
 */
async function withoutEmulator(name: string, work: () => Promise<unknown>): Promise<void> {
  const entry = `/proc/sys/fs/binfmt_misc/qemu-${name}`;
  if (!(await readFile(entry, "utf8")).startsWith("enabled")) {
    throw new Error(`the emulator of ${name} is switched off already`);
  }
  const keeper = spawn("sh", ["-c", 'cat >/dev/null; echo 1 >"$1"', "sh", entry], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const restored = once(keeper, "exit");
  try {
    await writeFile(entry, "0");
    await work();
  } finally {
    keeper.stdin.end();
    await restored;
  }
}
