/** `transship deploy` under a load of 300 requests a second: what clients see of a switch, of a bad release and of the way back. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Load, type LoadResult, startLoad } from "../test/load/load.ts";
import { randomLayer } from "../test/end-to-end/cargo.ts";
import type { EngineBenchmark, Measured, Row, Target } from "./benchmark.ts";
import { type Berth, openBerth } from "./berth.ts";
import { proxyMemory } from "./proxy-memory.ts";
import { startServer } from "./server.ts";

const switches = 50;
const drainMs = 2_000;
const slowBits = 100_000_000;

export const deploy: EngineBenchmark = {
  name: "deploy",
  rounds: 3,
  on: "one-engine",
  async measure(setting, rounds) {
    const server = await startServer(setting);
    try {
      const berth = await openBerth(setting, server);
      try {
        return [
          ...(await recreated(berth, rounds)),
          ...(await failing(berth, rounds)),
          ...(await proxied(berth)),
          await changed(berth, rounds),
        ];
      } finally {
        await berth.close();
      }
    } finally {
      await server.stop();
    }
  },
};

function row(
  what: string,
  ours: readonly number[],
  target: Target,
  more: Partial<Measured> = {},
): Row {
  return { outcome: "measured", what, ours, theirs: [], target, ...more };
}

function loadOf(
  { address }: Berth,
  wishes: { readonly websockets?: number; readonly rate?: number } = {},
): Load {
  return startLoad({ address, port: 80, ...wishes });
}

/** One port, no proxy: the gap that is told, and the one that is seen. */
async function recreated(berth: Berth, rounds: number): Promise<readonly Row[]> {
  const flags = ["--strategy", "recreate", "--bake", "2s"];
  await berth.deploy("v0", await berth.image({ release: "v0" }), ...flags);
  const [told, seen, back]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= rounds; round += 1) {
    const release = `v${round}`;
    const layout = await berth.image({ release });
    const load = loadOf(berth, { websockets: 0 });
    await sleep(1_000);
    const { gapMs } = await berth.deploy(release, layout, ...flags);
    const before = load.now();
    await berth.verb("rollback");
    const result = await load.stop();
    told.push(gapMs);
    seen.push(result.between(0, before).gap?.ms ?? Number.NaN);
    // It served before each of them.
    back.push(firstOf(result, "v0", before) - before);
  }
  return [
    row(
      "gap of a switch by `recreate`, as `transship deploy` tells it",
      told,
      { kind: "near", part: 0.1 },
      {
        peer: "the gap that clients saw",
        theirs: seen,
      },
    ),
    row("gap of a switch by `recreate`, as clients saw it", seen, { kind: "under", ms: 1_200 }),
    row("`transship rollback` by `recreate`, from the command to the first answer", back, {
      kind: "under",
      ms: 2_000,
    }),
  ];
}

/** What fails before the switch, and what fails after it. */
async function failing(berth: Berth, rounds: number): Promise<readonly Row[]> {
  const flags = ["--strategy", "recreate", "--start-timeout", "3s", "--bake", "15s"];
  const dead = await berth.image({ release: "dead", env: { HEALTH: "500" } });
  const load = loadOf(berth);
  const refused = await berth.deploy("dead", dead, ...flags);
  const { failed, requests } = await load.stop();
  if (refused.exitCode !== 1) throw new Error(`a dead candidate ended with ${refused.exitCode}`);
  const back: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const release = `sick${round}`;
    const env = { HEALTH_AFTER_MS: "5000", HEALTH_THEN: "500" };
    const undone = await berth.deploy(release, await berth.image({ release, env }), ...flags);
    if (undone.exitCode !== 6) throw new Error(`a sick release ended with ${undone.exitCode}`);
    back.push(undone.backMs);
  }
  await berth.verb("remove", "--yes").catch(() => {});
  return [
    row(
      `failed requests of ${requests.length}, three websockets among them, while a candidate fails its gate`,
      [failed],
      { kind: "count", most: 0 },
    ),
    row(
      "one that fails in its watch: from the first bad answer to the old one's first good one (`recreate`)",
      back,
      { kind: "under", ms: 2_000 },
    ),
  ];
}

/** Two releases in turn behind the proxy. */
async function proxied(berth: Berth): Promise<readonly Row[]> {
  const flags = [...berth.proxy, "--bake", "1s", "--drain-timeout", `${drainMs / 1_000}s`];
  await berth.deploy("p1", await berth.image({ release: "p1" }), ...flags);
  const second = await berth.image({ release: "p2" });
  const load = loadOf(berth, { websockets: 0 });
  await sleep(5_000);
  const [begun, tunnels]: [
    number[],
    { readonly at: number; readonly ended: Promise<LoadResult> }[],
  ] = [[], []];
  for (let n = 1; n <= switches; n += 1) {
    const sockets = loadOf(berth, { rate: 0.001, websockets: 3 });
    const at = load.now();
    begun.push(at);
    if (n === 1) await berth.deploy("p2", second, ...flags);
    else await berth.verb("rollback");
    tunnels.push({ at, ended: sockets.stop() });
  }
  const memory = await proxyMemory(berth.site, berth.server);
  const result = await load.stop();
  // Two releases in turn: the second one first.
  const switched = begun.map((at, n) => firstOf(result, n % 2 === 0 ? "p2" : "p1", at));
  const before = result.between(1_000, begun[0] ?? 0).p99;
  const around = switched.map((at) => result.between(at - 500, at + 500).p99);
  const back = switched.map((at, n) => at - (begun[n] ?? Number.NaN)).slice(1);
  return [
    row(
      `failed requests of ${result.total} in ${switched.length} switches by \`proxy\`${reasonsOf(result)}`,
      [result.failed],
      { kind: "count", most: 0 },
    ),
    row(
      `websockets of ${3 * switches} that were cut before their time to drain`,
      [await cutEarly(tunnels, switched)],
      { kind: "count", most: 0 },
    ),
    row(
      "p99 of the second around a switch by `proxy`",
      around,
      { kind: "ratio", most: 3 },
      {
        peer: "p99 of the seconds before",
        theirs: around.map(() => before),
      },
    ),
    row("`transship rollback` by `proxy`, from the command to the first answer", back, {
      kind: "under",
      ms: 2_000,
    }),
    row("memory of the proxy after that", [memory], { kind: "memory", bytes: 32_000_000 }),
  ];
}

/** When the first request began, after that, which the release answered. */
function firstOf({ requests }: LoadResult, release: string, after: number): number {
  return requests.find((one) => one.at >= after && one.release === release)?.at ?? Number.NaN;
}

function reasonsOf({ failed, reasons }: LoadResult): string {
  return failed === 0 ? "" : ` (${JSON.stringify(reasons)})`;
}

/** Those that the server ended sooner after their switch than they may live on; a load's times begin with it. */
async function cutEarly(
  tunnels: readonly { readonly at: number; readonly ended: Promise<LoadResult> }[],
  switched: readonly number[],
): Promise<number> {
  const results = await Promise.all(tunnels.map(async ({ ended }) => await ended));
  return results
    .flatMap(({ websockets }, n) =>
      websockets.map((socket) => {
        const since = socket.closedAt + (tunnels[n]?.at ?? 0) - (switched[n] ?? 0);
        return socket.closedBy === "server" && since < drainMs;
      }),
    )
    .filter(Boolean).length;
}

/** 3 MB that nobody has seen, over a slow wire. */
async function changed(berth: Berth, rounds: number): Promise<Row> {
  const flags = [...berth.proxy, "--bake", "1s", "--drain-timeout", "1s"];
  const ours: number[] = [];
  await berth.server.limit(slowBits);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const release = `c${round}`;
      const layers = [randomLayer("data", 3_000_000)];
      const layout = await berth.image({ release, layers });
      const load = loadOf(berth, { websockets: 0, rate: 50 });
      const begun = load.now();
      await berth.deploy(release, layout, ...flags);
      const { releases } = await load.stop();
      ours.push((releases.find((one) => one.release === release)?.first ?? Number.NaN) - begun);
    }
  } finally {
    await berth.server.limit(undefined);
  }
  const what =
    "`transship deploy`, 3 MB changed, a wire of 100 Mbit/s: from the command to the first answer";
  return row(what, ours, { kind: "under", ms: 8_000 });
}
