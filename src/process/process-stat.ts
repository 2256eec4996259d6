/** What the kernel says of a process in one line, `/proc/PID/stat`. */

export interface ProcessStat {
  /** Field 3: a letter, `Z` where it has ended and nobody has asked what it came to. */
  readonly state: string;
  /** Field 22: when it started, in clock ticks since the machine did. Empty where the line is none. */
  readonly started: string;
}

/** Source: proc_pid_stat(5). */
export function readProcessStat(line: string): ProcessStat {
  // The name (field 2) is in parentheses, and may hold some itself.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}
