/** What came of an operation on a server. */
import type { Context } from "../context.ts";
import type { SshTarget } from "../process/ssh.ts";
import { checksOf } from "./checks.ts";
import type { GateCheck } from "./event.ts";
import { follow } from "./follow.ts";
import type { Operation } from "./operation.ts";
import { askApp, type Session } from "./session.ts";

export interface ServerRelease {
  /** As it is typed behind `ssh`. */
  readonly server: string;
  readonly target: SshTarget;
  readonly outcome: "deployed" | "rolled-back" | "failed" | "rollback-failed" | "unchanged";
  /** The one that the operation was about. */
  readonly release: string;
  /** The one that served before. */
  readonly previous: string | undefined;
  /** The one that serves now. */
  readonly serving: string | undefined;
  /** Why it did not stay; absent where it did. */
  readonly reason?: string;
  /** Milliseconds at the switch in which nobody answered. */
  readonly gapMs: number | undefined;
  /** From the first bad answer of the watch to the old release's first good one. */
  readonly backMs: number | undefined;
  readonly checks: readonly GateCheck[];
  /** From the start on the server to the verdict. */
  readonly durationMs: number;
}

/** Follows it to its verdict. @throws DEPLOY_LOCKED, WATCHDOG_LOST, the errors of ssh */
export async function conclude(
  session: Session,
  operation: Operation,
  options: { readonly isOneOfMany: boolean },
  context: Context,
): Promise<ServerRelease> {
  const started = performance.now();
  const end = await follow(session, operation, options, context);
  try {
    const { state } = await askApp(end.session.server, end.session.facts, operation.app);
    return {
      server: session.server.name,
      target: session.server.target,
      outcome: end.verdict ?? state?.verdict ?? "failed",
      release: operation.release ?? state?.release ?? "",
      previous: nonEmpty(state?.previous),
      serving: nonEmpty(state?.serving),
      ...(end.reason === "" ? {} : { reason: end.reason }),
      gapMs: state?.gapMs ?? end.gapMs,
      backMs: state?.backMs,
      checks: checksOf(end.events),
      durationMs: Math.round(performance.now() - started),
    };
  } finally {
    if (end.session !== session) await end.session.close();
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
