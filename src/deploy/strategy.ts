/** Which way the traffic goes to a release, where nobody says. Pure. */
import { fail } from "../errors.ts";
import type { AppFacts } from "./facts.ts";
import type { ReleaseWishes } from "./make-release.ts";
import type { Strategy } from "./release.ts";
import type { PublishedPort } from "./run-arguments.ts";

export interface StrategyChoice {
  readonly strategy: Strategy;
  /** Why it is not the one without a gap; absent where it was asked for. */
  readonly reason?: string;
}

/**
 * The proxy, unless something stands against it; an app that is there already keeps what it has.
 * @throws STRATEGY_UNFIT where the proxy is asked for and cannot be
 */
export function chooseStrategy(
  wishes: Pick<ReleaseWishes, "strategy" | "health" | "isSingleWriter" | "run">,
  before: string | undefined,
): StrategyChoice {
  const obstacle = obstacleOf(wishes);
  const { strategy } = wishes;
  // What one strategy has begun the other cannot take back: the port is another's.
  if (strategy !== undefined && before !== undefined && before !== "" && before !== strategy) {
    const reason = `the release that serves was switched to by ${before}; take the app off first: transship remove`;
    throw fail("STRATEGY_UNFIT", { strategy, reason });
  }
  if (strategy === "proxy" && obstacle !== undefined)
    throw fail("STRATEGY_UNFIT", { strategy, reason: obstacle });
  if (strategy !== undefined) return { strategy };
  if (before === "recreate" || (before === "proxy" && obstacle === undefined))
    return { strategy: before };
  return obstacle === undefined
    ? { strategy: "proxy" }
    : { strategy: "recreate", reason: obstacle };
}

/** Why two releases cannot stand beside each other behind the proxy. */
function obstacleOf({
  health,
  isSingleWriter,
  run: { publish },
}: Pick<ReleaseWishes, "health" | "isSingleWriter" | "run">): string | undefined {
  if (isSingleWriter) return "two releases must not write to its volume at once";
  if (health === undefined) return "it speaks no HTTP (--no-health)";
  if (publish.some(({ protocol }) => protocol === "udp")) return "it publishes a port of UDP";
  return publish.length > 1 ? "it publishes several ports" : undefined;
}

/** The server's port that the proxy takes for it, as docker's `--publish` has it in front: `80`, `127.0.0.1:80`. */
export function proxyPlace([port]: readonly PublishedPort[]): string {
  if (port === undefined) return "80";
  const { address, host } = port;
  if (address === undefined) return `${host}`;
  return address.includes(":") ? `[${address}]:${host}` : `${address}:${host}`;
}

/** Of the release that serves; `undefined` where none does. */
export function strategyBefore({ state }: Pick<AppFacts, "state">): string | undefined {
  return state === undefined || state.serving === "" ? undefined : state.strategy;
}
