/** One run of the watchdog on a server: what it is given, how it is started, and how it is followed. */
import { hostname, userInfo } from "node:os";
import { quote } from "../process/command.ts";
import { searchPath, type DockerAccess } from "../server/docker-access.ts";
import type { ServerFacts } from "../server/facts.ts";
import type { AppName, ReleaseId } from "./names.ts";
import { placeWords } from "./place.ts";

export interface Operation {
  /** Its directory's name: another for each. */
  readonly id: string;
  readonly app: AppName;
  readonly verb: "deploy" | "rollback" | "recover";
  /** Absent where only what is left of another is finished. */
  readonly release?: ReleaseId;
  readonly access: DockerAccess;
  /** Who, from where: for people and for the audit log. */
  readonly who: string;
  /** The helper image's name there. */
  readonly helper: string;
  /** What `uname -m` prints on the server. */
  readonly machine: string;
  /** How many releases stay, the one that serves among them. */
  readonly keep: number;
  /** Whether one that is at work there is ended. */
  readonly isForced: boolean;
}

/** How long a release is watched whose own watch was broken off, in seconds: it was well until then. */
const recoverySeconds = 5;

/** What of a release is written down there: `settings`, `environment`, `record.json`, and `file-NAME` for each that is mounted into the container. */
export type ReleaseFiles = Readonly<Record<string, string>>;

/**
 * The script that writes all files, and starts the watchdog apart from the connection. Whatever is a secret comes with it by standard
 * input, and stands in no argument of a program: `printf` and `cat` with a here-document are the shell's own.
 */
export function startScript(
  operation: Operation,
  program: string,
  files: ReleaseFiles | undefined,
): string {
  const { id, app } = operation;
  const written = Object.entries(files ?? {}).map(
    ([name, text]) => `printf %s ${quote(text)} > "$at/release/${name}" || exit`,
  );
  return [
    searchPath,
    "umask 077",
    placeWords(app),
    `at="$place/operations/${id}"`,
    `mkdir -p "$place/releases" "$at${files === undefined ? "" : "/release"}" || exit`,
    // One of that name may have been there, whose verdict is none of this one's.
    `rm -f "$at/process" "$at/events"`,
    ...written,
    ...(Object.keys(files ?? {}).some((name) => name.startsWith("file-"))
      ? // Whoever the container runs as reads it there; here its directory is closed to others.
        [`chmod 444 "$at"/release/file-* || exit`]
      : []),
    `printf %s ${quote(settingsOf(operation))} > "$at/settings" || exit`,
    `printf %s ${quote(program)} > "$at/watchdog" || exit`,
    // What came half is begun never.
    "apart=; command -v setsid >/dev/null && apart=setsid",
    `$apart nohup sh "$at/watchdog" "$place" ${quote(id)} </dev/null >"$at/output" 2>&1 &`,
  ].join("\n");
}

/** What the watchdog is told of what it is to do, POSIX sh. */
export function settingsOf(operation: Operation): string {
  const { app, verb, release = "", access, who, helper, machine, keep, isForced } = operation;
  const values = {
    // Where nothing is kept of a release, nothing else says it.
    app,
    verb,
    target: release,
    docker: access,
    author: JSON.stringify(who),
    holder: who,
    helper,
    machine,
    keep: String(keep),
    is_forced: isForced ? "yes" : "",
    recovery_seconds: String(recoverySeconds),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`);
  return `${lines.join("\n")}\n`;
}

/** What the follower says where the watchdog ended without a verdict. */
const endedLine = "ended";

/**
 * The script that prints what happens until there is a verdict, or nobody any more who could reach one. `skip`: lines that were read
 * before. `processPiece`: the watchdog's own `process.sh`.
 */
export function followScript(
  { app, id, skip }: { readonly app: AppName; readonly id: string; readonly skip: number },
  processPiece: string,
): string {
  return `${processPiece}
${placeWords(app)}
at="$place/operations/${id}" n=0
until test -s "$at/process" && test -f "$at/events"; do
  n=$((n + 1))
  test "$n" -lt 50 || { cat "$at/output" >&2; echo ${endedLine}; exit; }
  sleep 0.1 2>/dev/null || sleep 1
done
read -r pid began during < "$at/process"
exec 3< "$at/events"
n=0
while test "$n" -lt ${skip} && IFS= read -r line <&3; do n=$((n + 1)); done
while :; do
  alive=; lives "$pid" "$began" "$during" && alive=yes
  while IFS= read -r line <&3; do
    printf '%s\\n' "$line"
    case \${line#* } in "verdict "* | "locked "*) exit ;; esac
  done
  test -n "$alive" || { cat "$at/output" >&2; echo ${endedLine}; exit; }
  sleep 0.1 2>/dev/null || sleep 1
done`;
}

export interface OperationWishes extends Pick<Operation, "app" | "keep" | "isForced"> {
  readonly id?: ReleaseId;
}

/** An operation as this machine begins it there; `runId` makes its name another than all others'. */
export function operationOf(
  verb: Operation["verb"],
  { access, machine }: Pick<ServerFacts, "access" | "machine">,
  { app, keep, isForced, id: release }: OperationWishes,
  { helper, runId }: { readonly helper: string; readonly runId: string },
): Operation {
  const named = release === undefined ? {} : { release };
  const id = `${verb}-${runId}`;
  return { id, app, verb, access, who: whoIAm(), helper, machine, keep, isForced, ...named };
}

/** `ann@macbook`: for the lock and the audit log. */
export function whoIAm(): string {
  return `${userInfo().username}@${hostname()}`;
}
