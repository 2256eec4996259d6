/** `docker compose config`: the project's file as Compose itself understands it (docker/compose, cmd/compose/config.go). */
import { fail } from "../errors.ts";
import { redact } from "../process/command.ts";
import type { Finished } from "../process/run.ts";
import type { Docker } from "./docker.ts";

export interface ComposeModel {
  /** The canonical model as YAML: files merged, variables filled in, paths absolute. Holds values of `environment`: never to be shown. */
  readonly yaml: string;
  /** What Compose warned of, a sentence each. */
  readonly warnings: readonly string[];
}

export interface ComposeQuestion {
  /** The file that is told where it is not taken. */
  readonly file: string;
  /** These alone, also where a profile holds them back; none: whatever the active profiles have. */
  readonly services: readonly string[];
  /** Those that can be named, for whoever named another. */
  readonly known?: readonly string[];
}

/** Most bytes of the model. A file of 1 MiB with aliases can grow without end. */
const limit = 8 * 1024 * 1024;

/**
 * Asks the plugin; no engine is needed. Everything is left at Compose's defaults, so that older ones answer as well, and because
 * its JSON (2.40) leaves the `x-…` keys of services out.
 * @throws COMPOSE_MISSING, COMPOSE_INVALID, SERVICE_UNKNOWN
 */
export async function composeModel(
  { file, services, known = [] }: ComposeQuestion,
  docker: Docker,
): Promise<ComposeModel> {
  const args = ["compose", "config", ...services];
  let finished: Finished;
  try {
    finished = await docker.attempt(args, { limit });
  } catch (error) {
    if (error instanceof RangeError)
      throw fail("COMPOSE_INVALID", { file, problem: "it is too large when it is filled in" });
    throw error;
  }
  if (finished.exitCode !== 0) throw composeFailure({ file, known }, finished.stderr);
  // It writes every `$` twice, whatever it stands in.
  const yaml = finished.stdout.replaceAll("$$", "$");
  return { yaml, warnings: composeWarnings(finished.stderr) };
}

/** The error that the client's or the plugin's words tell. */
export function composeFailure(
  { file, known }: { readonly file: string; readonly known: readonly string[] },
  stderr: string,
) {
  if (/'compose' is not a docker command|unknown command: docker compose/i.test(stderr))
    return fail("COMPOSE_MISSING", { file });
  const unknown = /no such service: (\S+)/i.exec(stderr)?.[1];
  if (unknown !== undefined) {
    const problem = `${file} has none of that name`;
    return fail("SERVICE_UNKNOWN", { service: unknown, problem, known });
  }
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !isLogLine(line));
  const words = lines.map((line) => redact(line.trim())).join(" ");
  return fail("COMPOSE_INVALID", { file, problem: words === "" ? "it does not say why" : words });
}

/** The messages of its log lines: `time="…" level=warning msg="The \"TAG\" variable is not set. …"`. */
export function composeWarnings(stderr: string): readonly string[] {
  const messages = stderr
    .split("\n")
    .filter((line) => isLogLine(line) && line.includes("level=warning"))
    .map((line) => /\bmsg=(?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(line))
    .map((found) => (found?.[1] ?? found?.[2] ?? "").replaceAll(/\\(.)/g, "$1"));
  return [...new Set(messages)].filter((message) => message !== "");
}

function isLogLine(line: string): boolean {
  return /^(?:time="[^"]*" )?level=\w+ /.test(line);
}
