/** What a server knows of an app, asked in one script: its state, its releases, its containers, and who has its ports. */
import * as z from "zod";
import { quote } from "../process/command.ts";
import { type DockerAccess, searchPath } from "../server/docker-access.ts";
import { readSections, section } from "../server/sections.ts";
import { appLabel, releaseLabel } from "./create.ts";
import { type AppName, isRelease, type ReleaseId } from "./names.ts";
import { placeWords } from "./place.ts";
import { parseRecord, type ReleaseRecord } from "./record.ts";
import { type DeployState, parseState } from "./state.ts";

export interface AppFacts {
  /** Of the last operation; `undefined` where there was none. */
  readonly state: DeployState | undefined;
  /** Whether somebody is at work on it. */
  readonly isAlive: boolean;
  /** Of the release that serves; `undefined` where none does, or nothing is kept of it. */
  readonly record: ReleaseRecord | undefined;
  /**
   * Who is at work, as they called themselves; `undefined` where nobody lives who has the lock, or their operation has its verdict and
   * only drains what served before, for which the next one waits.
   */
  readonly holder: string | undefined;
  /** Releases that served, the latest last. */
  readonly history: readonly ReleaseId[];
  readonly containers: readonly AppContainer[];
  /** Of all containers of the engine that publish a port, ours among them. */
  readonly publishers: readonly Publisher[];
  /** Ports on which somebody listens there; `undefined` where the system does not say. */
  readonly listening: ReadonlySet<number> | undefined;
  /** Where the app is known; `undefined` where it is not yet. */
  readonly place: string | undefined;
}

export interface AppContainer {
  readonly name: string;
  readonly release: string;
  /** `running`, `exited`, … */
  readonly state: string;
  /** As docker tells it: `Up 3 minutes (healthy)`. */
  readonly status: string;
}

interface Publisher {
  readonly name: string;
  /** The server's ports. */
  readonly ports: readonly number[];
}

const containerFormat = `{"name":{{json .Names}},"release":{{json (.Label "${releaseLabel}")}},"state":{{json .State}},"status":{{json .Status}}}`;
const publisherFormat = '{"name":{{json .Names}},"ports":{{json .Ports}}}';

/** `pieces`: the watchdog's own `process.sh` and `lock.sh`. */
export function appFactsScript(
  { app, access }: { readonly app: AppName; readonly access: DockerAccess },
  pieces: string,
): string {
  const filter = quote(`label=${appLabel}=${app}`);
  return `${searchPath}
${pieces}
${placeWords(app)}
${section("place")}; test ! -d "$place" || printf '%s\\n' "$place"
${section("state")}; cat "$place/state" 2>/dev/null
${section("record")}; serving=$(sed -n 's/^serving=//p' "$place/state" 2>/dev/null); test -z "$serving" || cat "$place/releases/$serving/record.json" 2>/dev/null
${section("lock")}; line=$(cat "$place/lock" 2>/dev/null) && holder_lives "$line" && printf '%s\\n' "$who"
${section("history")}; cat "$place/history" 2>/dev/null
${section("containers")}; ${access} ps --all --no-trunc --filter ${filter} --format '${containerFormat}'
${section("publishers")}; ${access} ps --no-trunc --format '${publisherFormat}'
${section("sockets")}; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
:`;
}

const container = z.object({
  name: z.string(),
  release: z.string(),
  state: z.string(),
  status: z.string(),
});
const publisher = z.object({ name: z.string(), ports: z.string() });

/** Lines that are no such thing are left out: docker's words of a container that went meanwhile. */
export function readAppFacts(output: string): AppFacts {
  const sections = readSections(output);
  const lines = (name: string) => (sections[name] ?? "").split("\n").filter((line) => line !== "");
  const [place] = lines("place");
  const [holder] = lines("lock");
  const state = parseState(sections["state"] ?? "");
  const sockets = lines("sockets");
  return {
    state,
    record: parseRecord(sections["record"] ?? ""),
    isAlive: holder !== undefined,
    holder: state?.phase === "done" ? undefined : holder,
    // A power cut may have spoilt it.
    history: lines("history").filter(isRelease),
    containers: lines("containers").flatMap((line) => parsed(container, line)),
    publishers: lines("publishers")
      .flatMap((line) => parsed(publisher, line))
      .map(({ name, ports }) => ({ name, ports: portsIn(ports) }))
      .filter(({ ports }) => ports.length > 0),
    listening: sockets.length === 0 ? undefined : new Set(sockets.flatMap(listenerOf)),
    place,
  };
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  line: string,
): readonly z.output<Schema>[] {
  try {
    const read = schema.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}

/** `0.0.0.0:80->8080/tcp, [::]:80->8080/tcp, 0.0.0.0:9000-9002->9000-9002/tcp`. */
function portsIn(text: string): readonly number[] {
  const found = text.matchAll(/:(\d+)(?:-(\d+))?->/g);
  const ports = [...found].flatMap(([, first, last = first]) => {
    const [from, to] = [Number(first), Number(last)];
    const length = Math.max(0, Math.min(to - from + 1, 65_536));
    return Array.from({ length }, (_, n) => from + n);
  });
  return [...new Set(ports)];
}

/** A line of `/proc/net/tcp` or `tcp6` (proc(5)): addresses and ports in hexadecimal; the state 0A is LISTEN. */
function listenerOf(line: string): readonly number[] {
  const [, port] = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /.exec(line) ?? [];
  return port === undefined ? [] : [Number.parseInt(port, 16)];
}
