/** The signals by which a program crashes (Linux, signal(7)); the numbers are the same on every platform that is built for. */
const crashes: ReadonlyMap<number, string> = new Map([
  [4, "SIGILL, an illegal instruction"],
  [6, "SIGABRT, it gave up itself"],
  [7, "SIGBUS, memory that is not there"],
  [8, "SIGFPE, a wrong calculation"],
  [11, "SIGSEGV, memory that is not its own"],
]);

/** The signal by which a program crashed, where a shell's exit code says that: 128 more than the signal. */
export function signalOf(exitCode: number | undefined): number | undefined {
  const signal = (exitCode ?? 0) - 128;
  return crashes.has(signal) ? signal : undefined;
}

/** `SIGSEGV, memory that is not its own`. */
export function signalName(signal: number): string {
  return crashes.get(signal) ?? `signal ${signal}`;
}
