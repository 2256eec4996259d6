/** How a service is deployed: its own block before that of the top, and both before what Compose's `deploy.update_config` says. */
import type { DeployKeys } from "./deploy-keys.ts";
import { parseDuration } from "./duration.ts";
import type { SwarmKeys } from "./run/keys.ts";
import type { Settings } from "./schema.ts";

/** What nobody says is undefined: the verb has its defaults, and flags go before all of it. */
export interface DeploySettings {
  /** `[USER@]HOST`. */
  readonly servers: readonly string[];
  /** The running one among them. */
  readonly releasesToKeep: number | undefined;
  readonly bakeMs: number | undefined;
  readonly strategy: "proxy" | "recreate" | undefined;
  /** The names of hosts that the proxy answers for. */
  readonly hosts: readonly string[];
  readonly proxyImage: string | undefined;
  /** Files of this machine. */
  readonly tls: { readonly certificate: string; readonly key?: string | undefined } | undefined;
  readonly behindFront: boolean | undefined;
  /** The container's. */
  readonly port: number | undefined;
  readonly healthPath: string | undefined;
  readonly healthHost: string | undefined;
  /** In a row. */
  readonly goodAnswers: number | undefined;
  readonly startTimeoutMs: number | undefined;
  readonly drainTimeoutMs: number | undefined;
  readonly stopTimeoutMs: number | undefined;
  readonly maxParallel: number | undefined;
  /** Of servers that are finished when another one fails. */
  readonly onFailure: "undo" | "leave" | undefined;
  readonly beforeSwitch: BeforeSwitch | undefined;
  readonly isSingleWriter: boolean;
}

interface BeforeSwitch {
  /** What is run in the new image. */
  readonly command: readonly string[];
  readonly timeoutMs: number | undefined;
}

export interface SaidSettings {
  readonly own: Settings;
  readonly shared: Settings;
  readonly swarm: SwarmKeys;
  /** The service's `stop_grace_period`. */
  readonly gracePeriod?: string | undefined;
}

export function deploySettings({ own, shared, swarm, gracePeriod }: SaidSettings): DeploySettings {
  const top = { ...shared, ...own };
  const keys: DeployKeys = { ...shared.deploy, ...own.deploy };
  const update = swarm.update_config ?? {};
  return {
    servers: top.servers ?? [],
    releasesToKeep: top.releases_to_keep,
    bakeMs: milliseconds(top.bake_time ?? update.monitor),
    strategy: keys.strategy ?? strategyOf(update),
    hosts: keys.host ?? [],
    proxyImage: keys.proxy_image,
    tls: keys.tls,
    behindFront: keys.behind_front,
    port: keys.port,
    healthPath: keys.health_path,
    healthHost: keys.health_host,
    goodAnswers: keys.good_answers,
    startTimeoutMs: milliseconds(keys.start_timeout),
    drainTimeoutMs: milliseconds(keys.drain_timeout),
    stopTimeoutMs: milliseconds(keys.stop_timeout ?? gracePeriod),
    // 0 means all at once there.
    maxParallel: keys.max_parallel ?? (update.parallelism || undefined),
    onFailure: keys.on_failure ?? onFailureOf(update),
    beforeSwitch: beforeSwitch(keys.hooks),
    isSingleWriter: keys.single_writer ?? false,
  };
}

type UpdateConfig = NonNullable<SwarmKeys["update_config"]>;

/** Only what is written: Swarm's own defaults are no wish of anybody's here. */
function strategyOf({ order }: UpdateConfig): DeploySettings["strategy"] {
  if (order === "start-first") return "proxy";
  return order === "stop-first" ? "recreate" : undefined;
}

function onFailureOf({ failure_action: action }: UpdateConfig): DeploySettings["onFailure"] {
  if (action === undefined) return undefined;
  return action === "rollback" ? "undo" : "leave";
}

function beforeSwitch(hooks: DeployKeys["hooks"]): BeforeSwitch | undefined {
  const said = hooks?.before_switch;
  if (said === undefined) return undefined;
  const command = typeof said === "string" ? ["sh", "-c", said] : said;
  return { command, timeoutMs: milliseconds(hooks?.timeout) };
}

function milliseconds(time: string | undefined): number | undefined {
  return time === undefined ? undefined : parseDuration(time);
}
