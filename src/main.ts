#!/usr/bin/env node
/** The bin: signals, the compile cache, the one `process.exit`. */
import { enableCompileCache } from "node:module";
import { runCommandLine } from "./cli/application.ts";
import { fail } from "./errors.ts";

enableCompileCache();

const interruption = new AbortController();
const endings = {
  SIGINT: () => fail("INTERRUPTED", { signal: "SIGINT" }),
  SIGTERM: () => fail("TERMINATED", { signal: "SIGTERM" }),
  SIGHUP: () => fail("TERMINATED", { signal: "SIGHUP" }),
} as const;
for (const [signal, reason] of Object.entries(endings)) {
  process.on(signal, () => {
    const failure = reason();
    // Whoever asks twice does not want to wait. What guards our work takes away what is left of it.
    if (interruption.signal.aborted) process.exit(failure.exitCode);
    interruption.abort(failure);
  });
}
// Whoever reads our output may stop reading (`transship … | head`): that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), interruption.signal);
// Standard output may still be draining into a pipe; an empty write comes back when it has.
process.stdout.write("", () => process.exit());
