/** What came of a load, computed from its requests. Pure. Times are ms since its start. */
import type { Reason } from "./connection.ts";
import type { SocketResult } from "./websocket.ts";

/** What sort of request it was; the same object for all of a sort. */
export interface Kind {
  readonly method: "GET" | "POST";
  /** Whether it asked for the slow path. */
  readonly isSlow: boolean;
  /** Over a connection that others use before and after it, or over one of its own. */
  readonly isKept: boolean;
}

export interface Request {
  /** When it began. */
  readonly at: number;
  /** How long it took, until its answer was whole or it had failed. */
  readonly ms: number;
  readonly kind: Kind;
  readonly ok: boolean;
  /** Why it failed. */
  readonly reason?: Reason;
  /** What its answer says in `x-release`; a failed one may have it too. */
  readonly release?: string;
}

/** A time in which nobody could be served. */
export interface Gap {
  /** When the first request began that failed. */
  readonly from: number;
  /** When the first one after it began that succeeded; where there is none, the end of the time looked at. */
  readonly to: number;
  readonly ms: number;
}

/** From when to when requests began that a release answered. */
export interface Span {
  readonly release: string;
  readonly first: number;
  readonly last: number;
  readonly answers: number;
}

export interface Summary {
  readonly total: number;
  readonly failed: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
  /** ms, of those that succeeded on the path that is not slow; NaN where there is none. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** The longest. */
  readonly gap: Gap | undefined;
  /** One for each release, the one that answered first before the others. */
  readonly releases: readonly Span[];
  /** The same in turns: A, B where traffic switched once, A, B, A after a rollback, and many more where two were mixed. */
  readonly turns: readonly Span[];
  /** ms from the first answer of one release to the last one of a release before it; 0 where none came back. */
  readonly mixedMs: number;
}

export interface LoadResult extends Summary {
  /** In the order in which they began. */
  readonly requests: readonly Request[];
  /** In the order in which they were opened. */
  readonly websockets: readonly SocketResult[];
  readonly durationMs: number;
  /** ms that the most belated request began after its time: much of it says that the load itself was held up. */
  readonly latestStart: number;
  /** Of the requests that began then, `toMs` left out. */
  between(fromMs: number, toMs: number): Summary;
  /** Whether the request that began last before then, or at it, succeeded. */
  served(atMs: number): boolean;
}

export interface Outcome {
  readonly requests: readonly Request[];
  readonly websockets: readonly SocketResult[];
  readonly durationMs: number;
  readonly latestStart: number;
}

export function resultOf({ requests: unsorted, ...rest }: Outcome): LoadResult {
  const requests = unsorted.toSorted((one, other) => one.at - other.at);
  return {
    ...summaryOf(requests, rest.durationMs),
    ...rest,
    requests,
    between: (from, to) =>
      summaryOf(
        requests.filter(({ at }) => at >= from && at < to),
        Math.min(to, rest.durationMs),
      ),
    served: (time) => requests.findLast(({ at }) => at <= time)?.ok === true,
  };
}

/** Of requests in the order in which they began, until `end`. */
export function summaryOf(requests: readonly Request[], end: number): Summary {
  const failures = requests.filter(({ ok }) => !ok);
  const times = requests
    .filter(({ ok, kind }) => ok && !kind.isSlow)
    .map(({ ms }) => ms)
    .toSorted((one, other) => one - other);
  const turns = turnsOf(requests);
  const releases = releasesOf(turns);
  return {
    total: requests.length,
    failed: failures.length,
    reasons: countsOf(failures.flatMap(({ reason }) => (reason === undefined ? [] : [reason]))),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    slowest: quantile(times, 1),
    gap: longestGap(requests, end),
    releases,
    turns,
    mixedMs: mixedTime(releases),
  };
}

function countsOf<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Of sorted numbers: the least that so large a part of them does not exceed. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

function longestGap(requests: readonly Request[], end: number): Gap | undefined {
  let longest: Gap | undefined;
  let from: number | undefined;
  const close = (to: number) => {
    if (from !== undefined && to - from > (longest?.ms ?? -1))
      longest = { from, to, ms: to - from };
    from = undefined;
  };
  for (const { at, ok } of requests) {
    if (ok) close(at);
    else from ??= at;
  }
  close(end);
  return longest;
}

function turnsOf(requests: readonly Request[]): readonly Span[] {
  const turns: Span[] = [];
  for (const { at, release } of requests) {
    if (release === undefined) continue;
    const last = turns.at(-1);
    if (last?.release === release) turns.splice(-1, 1, extended(last, at, 1));
    else turns.push({ release, first: at, last: at, answers: 1 });
  }
  return turns;
}

function releasesOf(turns: readonly Span[]): readonly Span[] {
  const spans = new Map<string, Span>();
  for (const turn of turns) {
    const known = spans.get(turn.release);
    spans.set(turn.release, known ? extended(known, turn.last, turn.answers) : turn);
  }
  return [...spans.values()];
}

function extended(span: Span, last: number, answers: number): Span {
  return { ...span, last, answers: span.answers + answers };
}

function mixedTime(releases: readonly Span[]): number {
  return releases.reduce((most, { first }, n) => {
    const before = releases.slice(0, n).map(({ last }) => last - first);
    return Math.max(most, ...before);
  }, 0);
}
