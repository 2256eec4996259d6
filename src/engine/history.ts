/** BuildKit's own record of builds, as buildx shows it since 0.20 (docker/buildx, docs/reference/buildx_history_ls.md). */
import * as z from "zod";
import type { RunOptions } from "../process/run.ts";
import type { Docker } from "./docker.ts";

/** A build that goes on. */
export interface RunningBuild {
  /** The context's directory, and the Dockerfile where it is another one: `app`, `app/Dockerfile.dev`. */
  readonly name: string;
  readonly ref: string;
  /** Milliseconds since the epoch, by the builder's clock. */
  readonly createdAt: number;
}

const record = z.object({
  name: z.string().default(""),
  ref: z.string(),
  status: z.string(),
  created_at: z.string(),
});

/** The builds that a builder is working on; `undefined` where buildx is too old to say it. */
export async function runningBuilds(
  builder: string,
  docker: Docker,
  options: Pick<RunOptions, "signal"> = {},
): Promise<readonly RunningBuild[] | undefined> {
  const args = ["buildx", "--builder", builder, "history", "ls", "--format", "json"];
  const { exitCode, stdout } = await docker.attempt(args, options);
  return exitCode === 0 ? readRunning(stdout) : undefined;
}

/** Reads one record a line; `undefined` where the lines are something else. */
export function readRunning(lines: string): readonly RunningBuild[] | undefined {
  const found: RunningBuild[] = [];
  for (const line of lines.split("\n")) {
    if (line.trim() === "") continue;
    const read = record.safeParse(parsed(line));
    if (!read.success) return undefined;
    const { name, ref, status, created_at: created } = read.data;
    if (status === "Running") found.push({ name, ref, createdAt: Date.parse(created) });
  }
  return found;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
