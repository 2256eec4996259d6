/** A server with an app on it, and `transship deploy` and its kin to it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { ensureProxyImage } from "../../provision/haproxy.ts";
import { createSite } from "../../provision/site.ts";
import { appLayout, type AppWishes } from "./app.ts";
import { dock, type Dock } from "./dock.ts";
import {
  type CleanUp,
  type Ended,
  lastFirst,
  main,
  type TestEngine,
  transship,
  until,
} from "./engine.ts";
import type { BareMachine, MachineWishes } from "./machine.ts";

const check = z.object({ id: z.string(), status: z.string(), detail: z.string() });
const one = z.object({
  server: z.string(),
  outcome: z.string(),
  release: z.string(),
  previous: z.string().nullable(),
  serving: z.string().nullable(),
  reason: z.string().optional(),
  gapMs: z.number().nullable(),
  backMs: z.number().nullable(),
  checks: z.array(check),
});
const document = z.object({
  outcome: z.string(),
  release: z.string().nullable(),
  servers: z.array(z.union([one, z.object({ server: z.string() })])),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

export interface Berth extends Dock {
  /** Deploys the app with that release's name, whose image says what it does; the watch is short unless the flags say otherwise. */
  readonly deploy: (wishes: AppWishes, ...flags: readonly string[]) => Promise<Deployed>;
  /** The same, which goes on meanwhile. */
  readonly begin: (wishes: AppWishes, ...flags: readonly string[]) => Promise<Begun>;
  /** Any verb about the app, `--json`. */
  readonly verb: (...words: readonly string[]) => Promise<Deployed>;
  /** The release that answers on the server's port 80; the reason why none does. */
  readonly answer: () => Promise<string>;
  /** The app's directory on the server. */
  readonly read: (file: string) => Promise<string>;
  /** Names and states of the app's containers. */
  readonly containers: () => Promise<readonly string[]>;
  /** Takes the app off. */
  readonly clear: () => Promise<void>;
}

/** The app's name on the servers. */
export const app = "app";

export async function berth(
  engine: TestEngine,
  context: CleanUp,
  wishes?: MachineWishes,
): Promise<Berth> {
  return berthAt(await dock(engine, context, wishes), engine, context);
}

/** One for all tests of a file; each begins without an app there, unless it is to go on where the one before it ended. */
export function sharedBerth(
  file: CleanUp,
  { isCleared = true }: { readonly isCleared?: boolean } = {},
): (engine: TestEngine) => Promise<Berth> {
  const context = lastFirst(file);
  let shared: Promise<Berth> | undefined;
  return async (engine) => {
    const place = await (shared ??= berth(engine, context));
    if (isCleared) await place.clear();
    return place;
  };
}

function berthAt(place: Dock, engine: TestEngine, context: CleanUp): Berth {
  const { machine, server } = place;
  const words = async (wishes: AppWishes, flags: readonly string[]) => {
    const layout = await appLayout(context, engine, wishes);
    const image = ["--image", `oci:${layout}`, "--name", `${app}:${wishes.release}`];
    const named = ["--to", server, ...image, "--release", wishes.release];
    const watch = flags.includes("--bake") ? [] : ["--bake", "2s"];
    const how = flags.includes("--strategy") ? [] : ["--strategy", "recreate"];
    const run = ["--publish", "80:8080", ...how, ...watch, ...flags];
    return ["deploy", ...named, ...run];
  };
  return {
    ...place,
    deploy: async (wishes, ...flags) => await running(machine, await words(wishes, flags)),
    begin: async (wishes, ...flags) => beginning(machine, await words(wishes, flags)),
    verb: async (verb = "", ...flags) =>
      await running(machine, [verb, "--to", server, "--app", app, ...flags]),
    answer: async () => await answerOf(machine),
    read: async (file) =>
      (await readFile(path.join(machine.state, "transship", app, file), "utf8")).trimEnd(),
    async containers() {
      const format = "{{.Names}} {{.State}}";
      const filter = `label=dev.transship.app=${app}`;
      const listed = await machine.docker("ps", "--all", "--filter", filter, "--format", format);
      return listed
        .split("\n")
        .filter((line) => line !== "")
        .toSorted();
    },
    async clear() {
      const ended = await running(machine, ["remove", "--to", server, "--app", app, "--yes"]);
      assert.ok(ended.exitCode === 0 || ended.error?.code === "APP_UNKNOWN", ended.stderr);
    },
  };
}

/** `transship … --json`, with an ssh that knows the machine. */
async function running(machine: BareMachine, words: readonly string[]) {
  return deployedIn(await transship(withJson(words), { env: { PATH: machine.path } }));
}

function deployedIn(ended: Ended) {
  const read = document.partial().parse(JSON.parse(ended.stdout));
  const first = read.servers?.find((server) => "checks" in server);
  return { ...ended, ...read, first };
}

/** What stands behind -- is not for the verb. */
function withJson(words: readonly string[]): readonly string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return [...words.slice(0, end), "--json", ...words.slice(end)];
}

export interface Begun {
  /** Until it says so. */
  readonly said: (pattern: RegExp) => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** How it ended; `undefined` where it was killed before it said what came of it. */
  readonly ended: Promise<Deployed | undefined>;
}

function beginning(machine: BareMachine, words: readonly string[]): Begun {
  const child = execa(process.execPath, [main, ...withJson(words)], {
    env: { PATH: machine.path },
    reject: false,
    timeout: 240_000,
  });
  let talk = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (talk += text));
  const ended = (async () => {
    const { exitCode, stdout, stderr } = await child;
    return stdout === "" ? undefined : deployedIn({ exitCode, stdout, stderr });
  })();
  return {
    said: async (pattern) => await until(async () => pattern.test(talk)),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

const audited = z.object({ release: z.string(), verdict: z.string() });

/** `v1 deployed`, a line of the audit log each. */
export function verdictsIn(audit: string): readonly string[] {
  return audit.split("\n").map((line) => {
    const { release, verdict } = audited.parse(JSON.parse(line));
    return `${release} ${verdict}`;
  });
}

export type Deployed = Awaited<ReturnType<typeof running>>;

async function answerOf({ address }: BareMachine): Promise<string> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const response = await fetch(`http://${address}/`, { signal });
    return response.headers.get("x-release") ?? `${response.status}`;
  } catch (error) {
    return `none (${String(error)})`;
  }
}

/** The flags with which the app stands behind a proxy. */
export async function behindProxy(engine: TestEngine): Promise<readonly string[]> {
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  return ["--strategy", "proxy", "--proxy-image", await ensureProxyImage(site)];
}

/** The status of each check, by its id. */
export function statuses({ first }: Deployed): Readonly<Record<string, string>> {
  return Object.fromEntries((first?.checks ?? []).map(({ id, status }) => [id, status]));
}
