/** BuildKit's own record of a build, as buildx shows it since 0.20: what our account of the build is held against. */
import * as z from "zod";
import { createStatusReader } from "../src/engine/progress.ts";

export interface BuildRecord {
  /** Of the whole build, in milliseconds. */
  readonly totalMs: number;
  /** How long each step took, by its name, in milliseconds; taken up again counts again. */
  readonly steps: ReadonlyMap<string, number>;
}

/** Runs `docker …`. */
export type AskDocker = (
  args: readonly string[],
) => Promise<{ readonly stdout: string; readonly stderr: string }>;

const listed = z.looseObject({ name: z.string(), ref: z.string() });
const inspected = z.object({ Duration: z.number() });

/** Whether buildx can show a record. */
export async function hasHistory(ask: AskDocker): Promise<boolean> {
  // An older one shows its general help.
  return (await ask(["buildx", "history", "--help"])).stdout.includes("build record");
}

/** The newest build of that name (its context's directory) on that builder. @throws where there is none */
export async function buildRecord(
  builder: string,
  name: string,
  ask: AskDocker,
): Promise<BuildRecord> {
  const history = ["buildx", "--builder", builder, "history"];
  const lines = (await ask([...history, "ls", "--format", "json"])).stdout.split("\n");
  const records = lines.filter((line) => line !== "").map((line) => listed.parse(JSON.parse(line)));
  // Within a repository buildx names it by its path there.
  const isMeant = (one: string) => one === name || one.endsWith(`/${name}`);
  const ref = records
    .find((one) => isMeant(one.name))
    ?.ref.split("/")
    .at(-1);
  if (ref === undefined) throw new Error(`BuildKit has no record of ${name}`);
  const inspection = await ask([...history, "inspect", ref, "--format", "json"]);
  const { Duration } = inspected.parse(JSON.parse(inspection.stdout));
  const { stdout, stderr } = await ask([...history, "logs", ref, "--progress", "rawjson"]);
  return { totalMs: Duration / 1e6, steps: stepTimes(`${stdout}\n${stderr}`.split("\n")) };
}

function stepTimes(lines: readonly string[]): ReadonlyMap<string, number> {
  const read = createStatusReader();
  const intervals = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const status = read(line);
    if (status === undefined || "text" in status) continue;
    for (const { name, started, completed } of status.vertexes) {
      if (started === undefined || completed === undefined) continue;
      const known = intervals.get(name) ?? new Map<number, number>();
      intervals.set(name, known.set(started, completed - started));
    }
  }
  return new Map([...intervals].map(([name, times]) => [name, sumOf(times)]));
}

function sumOf(times: ReadonlyMap<number, number>): number {
  return [...times.values()].reduce((sum, ms) => sum + ms, 0);
}
