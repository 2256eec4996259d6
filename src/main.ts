#!/usr/bin/env node
/** The bin: the compile cache, signals, and how the process ends. */
import module from "node:module";

// An older Node lacks names that the rest imports, and would end with a trace that says nothing to its reader.
if (typeof module.enableCompileCache !== "function") {
  process.stderr.write(
    `Transship needs Node 22.18 or newer, and this is ${process.version}. See https://nodejs.org/en/download\n`,
  );
  process.exit(4);
}
// Before the first module of ours is compiled.
module.enableCompileCache();
const { fail, runCommandLine } = await import("./cli/application.ts");

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
// Who interrupts does not wait for a reader that reads nothing.
if (interruption.signal.aborted) setTimeout(() => process.exit(), 1_000).unref();
// Standard output may still be draining into a pipe; an empty write comes back when it has.
process.stdout.write("", () => process.exit());
