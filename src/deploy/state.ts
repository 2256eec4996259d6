/** What a server's file `state` says: how far the last operation on an app is or was, and which release serves. */
import { isVerdict, parseMs, type Verdict } from "./event.ts";

export interface DeployState {
  /** Of the last operation; the release that it was about. */
  readonly operation: string;
  readonly verb: string;
  readonly release: string;
  /** `done` where there is a verdict. */
  readonly phase: string;
  readonly verdict: Verdict | undefined;
  readonly reason: string;
  /** The release that gets the traffic; empty where none does. */
  readonly serving: string;
  /** The one that got it before that operation. */
  readonly previous: string;
  readonly strategy: string;
  /** Milliseconds without an answer at the switch, and from the first bad answer to the old one's first good one. */
  readonly gapMs: number | undefined;
  readonly backMs: number | undefined;
  /** Seconds since 1970 by the server's clock. */
  readonly at: number;
}

/** `undefined` for an empty text: no operation has begun yet. */
export function parseState(text: string): DeployState | undefined {
  const values = new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const at = line.indexOf("=");
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
  if (!values.has("phase")) return undefined;
  const of = (key: string) => values.get(key) ?? "";
  const verdict = of("verdict");
  return {
    operation: of("operation"),
    verb: of("verb"),
    release: of("release"),
    phase: of("phase"),
    verdict: isVerdict(verdict) ? verdict : undefined,
    reason: of("reason"),
    serving: of("serving"),
    previous: of("previous"),
    strategy: of("strategy"),
    gapMs: parseMs(of("gap_ms")),
    backMs: parseMs(of("back_ms")),
    at: parseMs(of("at")) ?? 0,
  };
}
