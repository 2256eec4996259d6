/** A build that is made to fail, and what is to be told of it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import * as z from "zod";
import {
  baseFlags,
  directory,
  type Ended,
  ensureBuilder,
  type TestEngine,
  transship,
} from "../end-to-end/engine.ts";

export interface Case {
  readonly code: string;
  readonly exitCode: number;
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly flags?: readonly string[];
  /** Behind `--`. */
  readonly passthrough?: readonly string[];
  readonly platform?: string;
  /** What has carets below it; absent where nothing in the Dockerfile is meant. */
  readonly marked?: string;
  /** The step's very last line; absent where it printed none. */
  readonly said?: RegExp;
  /** The next command to type. */
  readonly hint: RegExp;
}

/** A Dockerfile upon the base image, and one upon nothing. */
export const debian = (...lines: readonly string[]) =>
  ["FROM debian:bookworm-slim", ...lines].join("\n");
export const scratch = (...lines: readonly string[]) => ["FROM scratch", ...lines].join("\n");

export const native = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
export const foreign = process.arch === "arm64" ? "linux/amd64" : "linux/arm64";

const document = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    excerpt: z.array(z.string()).default([]),
  }),
});
type Told = z.infer<typeof document>["error"];

/** Made sure of once a file. */
let ready: Promise<void> | undefined;

/** Builds it. */
export async function fails(one: Case, engine: TestEngine, context: TestContext): Promise<Ended> {
  const { dockerfile, files, flags = [], passthrough = [], platform } = one;
  if (!flags.includes("--builder")) await (ready ??= ensureBuilder(engine));
  const sources = await directory(context, { Dockerfile: `${dockerfile}\n`, ...files });
  const usual = ["-i", "transship-test-diagnosis", "-c", sources, "--platform", platform ?? native];
  const more = [...baseFlags(engine), ...flags, "--no-load", "--json", "--", ...passthrough];
  const store = await directory(context);
  return await transship(["build", ...usual, ...more], {
    env: { XDG_CACHE_HOME: store, SSH_AUTH_SOCK: "" },
  });
}

/** Holds what was told against the case. */
export function check(
  { code, exitCode, marked, said, hint }: Case,
  { stdout, stderr, ...ended }: Ended,
): void {
  const { error } = document.parse(JSON.parse(stdout));
  assert.equal(error.code, code, stderr);
  assert.equal(ended.exitCode, exitCode, stderr);
  assert.match(error.hint, hint);
  assert.equal(marksIn(error), marked, stderr);
  const at = error.excerpt.indexOf("Its last words:");
  const words = at === -1 ? [] : error.excerpt.slice(at + 1).map((line) => line.trim());
  // Standard output and standard error are two streams, and which of them ends last is chance.
  if (said === undefined) assert.deepEqual(words, []);
  else
    assert.ok(
      words.some((line) => said.test(line)),
      words.join("\n"),
    );
}

/** What stands above carets, line by line. */
function marksIn({ excerpt }: Told): string | undefined {
  const marks = excerpt.flatMap((line, at) => {
    const carets = /^ +\| *(\^+)$/.exec(line)?.[1];
    const start = line.indexOf("^");
    return carets === undefined ? [] : [excerpt[at - 1]?.slice(start, start + carets.length)];
  });
  return marks.length === 0 ? undefined : marks.join("|");
}
