/** `transship status` and `transship releases`: what servers know of an app, and how the release that serves is. */
import type { Context } from "../context.ts";
import type { SshTarget } from "../process/ssh.ts";
import { helperImage } from "../server/helper-image.ts";
import { searchPath } from "../server/docker-access.ts";
import { readSections, section } from "../server/sections.ts";
import type { AppContainer } from "./facts.ts";
import type { AppName } from "./names.ts";
import { placeWords } from "./place.ts";
import { parseRecord, type ReleaseRecord } from "./record.ts";
import { openSessions, type Session } from "./session.ts";
import type { DeployState } from "./state.ts";
import { readPiece } from "./watchdog.ts";

export interface StatusOptions {
  readonly app: AppName;
  readonly servers: readonly SshTarget[];
}

export interface ServerStatus {
  readonly server: string;
  /** The release that gets the traffic; absent where none does. */
  readonly serving?: string;
  readonly releases: readonly KeptRelease[];
  /** Of the last operation; `undefined` where there was none. */
  readonly state: DeployState | undefined;
  /** Who is at work there. */
  readonly holder?: string;
  /** Whether the last operation was broken off before its verdict. */
  readonly isOrphan: boolean;
  readonly health: Health;
  readonly containers: readonly AppContainer[];
}

/** What the health path answered just now: a status of HTTP, or nothing; `unknown` where it is not asked. */
type Health = number | "nothing" | "unknown";

export interface KeptRelease {
  readonly id: string;
  readonly isServing: boolean;
  /** Absent where it cannot be read. */
  readonly record?: ReleaseRecord;
  /** Of its container; absent where it is gone. */
  readonly container?: AppContainer;
}

/** @throws the errors of ssh, SERVER_… */
export async function status(
  options: StatusOptions,
  context: Context,
): Promise<readonly ServerStatus[]> {
  const sessions = await openSessions(options, context);
  try {
    return await Promise.all(sessions.map(async (session) => await statusOf(session, options.app)));
  } finally {
    await Promise.all(sessions.map(async (session) => await session.close()));
  }
}

const deadlineMs = 60_000;

async function statusOf(session: Session, app: AppName): Promise<ServerStatus> {
  const { server, facts } = session;
  const { state, holder, history, containers, isAlive } = session.app;
  const helper = await helperImage(facts.engine.platform);
  const pieces = await Promise.all([readPiece("clock"), readPiece("gate")]);
  const script = statusScript(
    { app, access: facts.access, helper: helper?.name ?? "none" },
    pieces.join("\n"),
  );
  const what = `Asking ${server.name} how ${app} is`;
  const { stdout } = await server.shell.run(script, { deadlineMs, what });
  const sections = readSections(stdout);
  const records = (sections["records"] ?? "").split("\n").flatMap((line) => {
    const record = parseRecord(line);
    return record === undefined ? [] : [record];
  });
  const serving = state?.serving ?? "";
  return {
    server: server.name,
    ...(serving === "" ? {} : { serving }),
    releases: withServing(history, serving).map((id) =>
      keptRelease(id, { serving, records, containers, app }),
    ),
    state,
    ...(holder === undefined ? {} : { holder }),
    isOrphan: state !== undefined && state.phase !== "done" && !isAlive,
    health: healthIn(sections["health"] ?? ""),
    containers,
  };
}

/** While it is watched the release that serves is not yet among those that did. */
export function withServing(history: readonly string[], serving: string): readonly string[] {
  return serving === "" || history.includes(serving) ? history : [...history, serving];
}

function keptRelease(
  id: string,
  {
    serving,
    records,
    containers,
    app,
  }: {
    readonly serving: string;
    readonly records: readonly ReleaseRecord[];
    readonly containers: readonly AppContainer[];
    readonly app: AppName;
  },
): KeptRelease {
  const record = records.find(({ release }) => release === id);
  const container = containers.find(({ name }) => name === `${app}-${id}`);
  return {
    id,
    isServing: id === serving,
    ...(record === undefined ? {} : { record }),
    ...(container === undefined ? {} : { container }),
  };
}

/** It loads nothing and leaves nothing: where the helper image is not there the health path is not asked. */
function statusScript(
  {
    app,
    access,
    helper,
  }: { readonly app: AppName; readonly access: string; readonly helper: string },
  pieces: string,
): string {
  return `${searchPath}
${pieces}
${placeWords(app)}
docker='${access}'
${section("records")}; cat "$place"/releases/*/record.json 2>/dev/null
${section("health")}
serving=$(sed -n 's/^serving=//p' "$place/state" 2>/dev/null)
release_place="$place/releases/$serving"
test -n "$serving" && test -f "$release_place/settings" && . "$release_place/settings" && test -n "$health_path" || exit 0
asker="within 30 $docker run --rm --interactive --pull never --network $network ${helper}"
$docker image inspect --format . ${helper} >/dev/null 2>&1 || exit 0
look "$app-$serving"
echo "asked $(http_status "$address" "$port" "$health_path" "$health_host" "$health_seconds")"`;
}

function healthIn(text: string): Health {
  const [, answer] = /^asked ?(\d*)/m.exec(text) ?? [];
  if (answer === undefined) return "unknown";
  return answer === "" ? "nothing" : Number(answer);
}
