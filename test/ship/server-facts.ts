/** A server that is as usual, but for what a test is about. */
import { parsePlatform } from "../../src/platform/platform.ts";
import type { ServerFacts } from "../../src/server/facts.ts";

export type FactsChanges = Partial<Omit<ServerFacts, "engine">> & {
  readonly engine?: Partial<ServerFacts["engine"]>;
};

export function serverFacts({ engine, ...changes }: FactsChanges = {}): ServerFacts {
  return {
    access: "docker",
    isRootless: false,
    machine: "x86_64",
    x86Level: 3,
    emulated: [],
    clockMs: undefined,
    freeBytes: undefined,
    images: [],
    listening: [22],
    ...changes,
    engine: {
      serverVersion: "28.5.2",
      platform: parsePlatform("linux/amd64"),
      imageStore: "classic",
      operatingSystem: "Debian GNU/Linux 13 (trixie)",
      dataRoot: "/var/lib/docker",
      context: "default",
      cpus: 2,
      memory: 4_000_000_000,
      ...engine,
    },
  };
}
