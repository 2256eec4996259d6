/** A release, and what a server knows of its app, as usual but for what a test is about. */
import type { AppFacts } from "../../src/deploy/facts.ts";
import { parseAppName, parseReleaseId } from "../../src/deploy/names.ts";
import type { Release } from "../../src/deploy/release.ts";
import { plainRun, type RunArguments } from "../../src/deploy/run-arguments.ts";
import type { DeployState } from "../../src/deploy/state.ts";
import { digestOf } from "../../src/oci/digest.ts";

export const imageId = digestOf("image");
export const digest = digestOf("root");

export type ReleaseChanges = Partial<Omit<Release, "run" | "gate">> & {
  readonly run?: Partial<RunArguments>;
  readonly gate?: Partial<Release["gate"]>;
};

export function releaseOf({ run, gate, ...changes }: ReleaseChanges = {}): Release {
  return {
    app: parseAppName("shop"),
    id: parseReleaseId("v1"),
    image: "shop:1",
    digest,
    imageId,
    run: { ...plainRun, ...run },
    gate: { goodAnswers: 3, startSeconds: 60, ...gate },
    strategy: "recreate",
    bakeSeconds: 30,
    drainSeconds: 30,
    isSingleWriter: false,
    ...changes,
  };
}

export const served: DeployState = {
  operation: "deploy-1",
  verb: "deploy",
  release: "v2",
  phase: "done",
  verdict: "deployed",
  reason: "",
  serving: "v2",
  previous: "v1",
  strategy: "recreate",
  gapMs: 840,
  backMs: undefined,
  at: 1_795_750_200,
};

/** An app with two releases, of which the second serves. */
export function appFacts(changes: Partial<AppFacts> = {}): AppFacts {
  return {
    state: served,
    isAlive: false,
    holder: undefined,
    history: ["v1", "v2"].map(parseReleaseId),
    containers: [
      { name: "shop-v1", release: "v1", state: "exited", status: "Exited (0) 2 hours ago" },
      { name: "shop-v2", release: "v2", state: "running", status: "Up 2 hours" },
    ],
    publishers: [{ name: "shop-v2", ports: [80] }],
    listening: new Set([22, 80]),
    place: "/home/me/.local/state/transship/shop",
    record: undefined,
    ...changes,
  };
}
