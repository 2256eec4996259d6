/** What stands against a deploy on a server before anything is built or sent: all of it at once. */
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { ServerFacts } from "../server/facts.ts";
import { preflight as lookAtEngine } from "../server/preflight.ts";
import type { AppFacts } from "./facts.ts";
import { type AppName, proxyName, type ReleaseId } from "./names.ts";
import type { Strategy } from "./release.ts";
import type { RunArguments } from "./run-arguments.ts";

export interface DeployNeeds {
  readonly app: AppName;
  readonly release: ReleaseId | undefined;
  readonly run: RunArguments;
  readonly strategy: Strategy;
  /** Whether the proxy is to speak TLS. */
  readonly isSecure: boolean;
  /** What the image is made for; absent where that is not known yet. */
  readonly platforms?: readonly Platform[];
  readonly isForced: boolean;
}

export interface Preflight {
  /** Each a sentence. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Bytes below which nothing is begun: a release that runs writes as well. */
const leastFree = 100e6;

export function preflightDeploy(
  server: ServerFacts,
  app: AppFacts,
  needs: DeployNeeds,
  nowMs: number,
): Preflight {
  const engine = lookAtEngine(server, { bytes: 0, hasZstd: false }, nowMs);
  const problems = [
    ...engine.problems,
    ...diskProblems(server),
    ...platformProblems(server, needs),
    ...portProblems(app, needs),
    ...releaseProblems(app, needs),
  ];
  return { problems, warnings: engine.warnings };
}

function diskProblems({ freeBytes, engine }: ServerFacts): readonly string[] {
  if (freeBytes === undefined || freeBytes >= leastFree) return [];
  return [`Its engine's disk (${engine.dataRoot}) has ${Math.round(freeBytes / 1e6)} MB left.`];
}

/** An emulator would let it start, and `uname -m` in it would not say the server's machine. */
function platformProblems({ engine }: ServerFacts, { platforms }: DeployNeeds): readonly string[] {
  if (platforms === undefined) return [];
  const { architecture } = engine.platform;
  if (platforms.some((one) => one.architecture === architecture)) return [];
  const made = platforms.map(formatPlatform).join(", ");
  return [`It is ${formatPlatform(engine.platform)}, and the image is made for ${made}.`];
}

function portProblems(
  { publishers, listening, containers }: AppFacts,
  { run: { publish }, strategy, isSecure }: DeployNeeds,
): readonly string[] {
  const isProxied = strategy === "proxy";
  const own = new Set(isProxied ? [proxyName] : containers.map(({ name }) => name));
  const plain = isProxied && publish.length === 0 ? [{ host: 80 }] : publish;
  const wanted = isProxied && isSecure ? [...plain, { host: 443 }] : plain;
  return wanted.flatMap(({ host }) => {
    const publisher = publishers.find(({ ports }) => ports.includes(host));
    if (publisher !== undefined && own.has(publisher.name)) return [];
    if (publisher !== undefined)
      return [`Its port ${host} is published by the container ${publisher.name}.`];
    return listening?.has(host) === true ? [`On its port ${host} another program listens.`] : [];
  });
}

function releaseProblems(
  { history, holder }: AppFacts,
  { release, isForced, app }: DeployNeeds,
): readonly string[] {
  const isKnown = release !== undefined && history.includes(release);
  return [
    ...(isKnown ? [`It has a release ${release} of ${app} already.`] : []),
    ...(holder === undefined || isForced
      ? []
      : [
          `Somebody is at work on ${app} there: ${holder} (--attach follows, --force-unlock ends it).`,
        ]),
  ];
}
