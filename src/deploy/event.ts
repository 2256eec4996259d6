/** What the watchdog tells as it goes, a line each: milliseconds since the server started, a word, and what belongs to it. */

export type Verdict = "deployed" | "failed" | "rolled-back" | "rollback-failed";
const verdicts = new Set<string>(["deployed", "failed", "rolled-back", "rollback-failed"]);

const textKinds = ["locked", "lock", "waiting", "log", "engine", "orphan"] as const;
type TextKind = (typeof textKinds)[number];
type TextEvent = { [Kind in TextKind]: { readonly kind: Kind; readonly text: string } }[TextKind];

export type Event = { readonly atMs: number } & (
  | { readonly kind: "phase"; readonly phase: string; readonly detail: string }
  | ({ readonly kind: "check" } & GateCheck)
  /** Milliseconds without an answer; `undefined` where nothing served before. */
  | { readonly kind: "switched"; readonly gapMs: number | undefined }
  /** `undefined` where there was nothing to decide. */
  | { readonly kind: "verdict"; readonly verdict: Verdict | undefined; readonly reason: string }
  | TextEvent
);

/** What was asked of a release on its server. */
export interface GateCheck {
  readonly id: CheckId;
  /** A skip is never a pass: what was not reached, and what could not be asked. */
  readonly status: (typeof statuses)[number];
  readonly detail: string;
}

/** In the order in which they are asked. */
export const checkIds = ["runtime-architecture", "health", "healthcheck", "bake"] as const;
type CheckId = (typeof checkIds)[number];
const statuses = ["pass", "fail", "skip"] as const;

/** `undefined` for what is no such line. */
export function parseEvent(line: string): Event | undefined {
  const [, at, kind = "", text = ""] = /^(\d+) (\S+) ?(.*)$/s.exec(line) ?? [];
  if (at === undefined) return undefined;
  const atMs = Number(at);
  const [word = "", ...rest] = text.split(" ");
  if (kind === "phase") return { atMs, kind, phase: word, detail: rest.join(" ") };
  if (kind === "switched") return { atMs, kind, gapMs: parseMs(word) };
  if (kind === "verdict") {
    const verdict = isVerdict(word) ? word : undefined;
    return { atMs, kind, verdict, reason: rest.join(" ").trim() };
  }
  if (kind === "check") {
    const [status, ...detail] = rest;
    const check = checkOf(word, status, detail.join(" "));
    return check && { atMs, kind, ...check };
  }
  const found = textKinds.find((one) => one === kind);
  return found === undefined ? undefined : { atMs, kind: found, text };
}

function checkOf(word: string, outcome: string | undefined, detail: string): GateCheck | undefined {
  const id = checkIds.find((one) => one === word);
  const status = statuses.find((one) => one === outcome);
  return id === undefined || status === undefined ? undefined : { id, status, detail };
}

export function isVerdict(text: string): text is Verdict {
  return verdicts.has(text);
}

/** `undefined` where nothing stands there. */
export function parseMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
