/** An engine that is played: it has one image, and saves it. */
import { Readable } from "node:stream";
import { type Context, createContext } from "../../src/context.ts";
import type { Digest } from "../../src/oci/digest.ts";
import type { Finished } from "../../src/process/run.ts";
import { tarOf, type TestFiles } from "./image.ts";

export interface PlayedEngine {
  readonly id: Digest;
  /** What `docker image save` writes. */
  readonly saved?: TestFiles;
  readonly size?: number;
  readonly exitCode?: number;
}

/** A context whose engine has that one image, under every name; `asked` are docker's arguments. */
export function contextWith({ id, saved, size = 1000, exitCode = 0 }: PlayedEngine): {
  readonly context: Context;
  readonly asked: (readonly string[])[];
} {
  const asked: (readonly string[])[] = [];
  const context = createContext();
  const answer = async (args: readonly string[]) => {
    asked.push(args);
    return finished(JSON.stringify({ Id: id, Architecture: "amd64", Os: "linux", Size: size }), 0);
  };
  return {
    asked,
    context: {
      ...context,
      docker: {
        signal: context.signal,
        run: answer,
        attempt: answer,
        async stream(args) {
          asked.push(args);
          const whole = await tarOf(saved ?? {});
          const bytes = exitCode === 0 ? whole : whole.subarray(0, 700);
          return {
            stdout: Readable.from([bytes], { objectMode: false }),
            finished: Promise.resolve(finished("", exitCode)),
          };
        },
      },
    },
  };
}

function finished(stdout: string, exitCode: number): Finished {
  const stderr = exitCode === 0 ? "" : "the daemon went away";
  return { argv: ["docker"], exitCode, stdout, stderr, durationMs: 1 };
}
