/** BuildKit's own checks of a Dockerfile: `docker buildx build --call=check`, since buildx 0.15 (https://docs.docker.com/reference/build-checks/). */
import * as z from "zod";
import { isFailure } from "../errors.ts";
import type { Docker } from "./docker.ts";

export interface DockerfileWarning {
  /** `StageNameCasing` */
  readonly rule: string;
  /** What it says here. */
  readonly detail: string;
  /** Its page. */
  readonly url: string;
  /** The first and the last line; absent where it has none. */
  readonly lines?: { readonly start: number; readonly end: number };
}

export interface DockerfileChecks {
  readonly warnings: readonly DockerfileWarning[];
  /** Why it could not look at all of it. */
  readonly problem?: string;
}

interface DockerfileCheckOptions {
  /** The build context: only the Dockerfile is read from here. */
  readonly context: string;
  readonly dockerfile: string;
  readonly buildArgs?: ReadonlyMap<string, string>;
  readonly target?: string;
  readonly deadlineMs: number;
}

const range = z.object({
  start: z.object({ line: z.number() }),
  end: z.object({ line: z.number() }),
});
const location = z.object({ ranges: z.array(range).nullish() }).nullish();
const warning = z.object({
  ruleName: z.string(),
  url: z.string().default(""),
  detail: z.string().default(""),
  location,
});
const answer = z.object({
  warnings: z.array(warning).nullish(),
  buildError: z.object({ message: z.string() }).nullish(),
});

/** `undefined` where no engine answers, or one whose buildx is too old. @throws INTERRUPTED, TERMINATED */
export async function checkDockerfile(
  options: DockerfileCheckOptions,
  docker: Docker,
): Promise<DockerfileChecks | undefined> {
  const { deadlineMs } = options;
  try {
    const { stdout } = await docker.attempt(checkArgs(options), { deadlineMs });
    return stdout.trimStart().startsWith("{") ? readChecks(stdout) : undefined;
  } catch (error) {
    if (isFailure(error, "INTERRUPTED", "TERMINATED")) throw error;
    return undefined;
  }
}

export function checkArgs(options: Omit<DockerfileCheckOptions, "deadlineMs">): readonly string[] {
  const { context, dockerfile, buildArgs = new Map(), target } = options;
  const given = [...buildArgs].flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const stage = target === undefined ? [] : ["--target", target];
  return [
    "buildx",
    "build",
    "--call=check,format=json",
    "--file",
    dockerfile,
    ...given,
    ...stage,
    context,
  ];
}

/** Reads the answer. @throws SyntaxError, ZodError */
export function readChecks(json: string): DockerfileChecks {
  const { warnings, buildError } = answer.parse(JSON.parse(json));
  return {
    warnings: (warnings ?? []).map(readWarning),
    ...(buildError === undefined || buildError === null ? {} : { problem: buildError.message }),
  };
}

function readWarning(seen: z.infer<typeof warning>): DockerfileWarning {
  const [first] = seen.location?.ranges ?? [];
  const lines = first && { start: first.start.line, end: first.end.line };
  return { rule: seen.ruleName, detail: seen.detail, url: seen.url, ...(lines && { lines }) };
}
