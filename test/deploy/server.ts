/** A server with an app on it but without an engine: the real watchdog, and a stand-in for docker that remembers its containers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { environmentText } from "../../src/deploy/environment.ts";
import { parseAppName, parseReleaseId } from "../../src/deploy/names.ts";
import type { Operation } from "../../src/deploy/operation.ts";
import { releaseFiles } from "../../src/deploy/record.ts";
import { temporaryDirectory } from "../directory.ts";
import { type ReleaseChanges, releaseOf } from "./release.ts";
import { standInDocker } from "./stand-in.ts";

/** A file `container-NAME` says how it is, `policy-NAME` its restart policy; `refuse` is a pattern of calls that fail. */
const engine = `
for last; do :; done
if test -f "$here/refuse" && printf '%s\\n' "$*" | grep -q -f "$here/refuse"; then echo "Error: refused" >&2; exit 1; fi
case "$1 $2" in
  "inspect --format")
    read -r how < "$here/container-$last" || exit 1
    case $3 in "{{.State.Running}}") test "$how" = running && echo true || echo false; exit ;; esac
    code=0; test "$how" = running || code=3
    echo "$how 0 $code false 10.0.0.2" ;;
  "container inspect") test -f "$here/container-$last" ;;
  "run --detach" | "create --pull")
    while test "$1" != --name; do shift; done
    test ! -f "$here/container-$2" || exit 1
    case $last in wait) echo running ;; *) echo created ;; esac > "$here/container-$2" ;;
  "rm --force") shift 2; for one; do rm -f "$here/container-$one"; done ;;
  "start "*) test -f "$here/container-$last" && echo running > "$here/container-$last" ;;
  "stop "*) test -f "$here/container-$last" && echo exited > "$here/container-$last" ;;
  "update --restart") echo "$3" > "$here/policy-$last" ;;
  "exec --interactive") cat > /dev/null; read -r status < "$here/status"; printf 'HTTP/1.1 %s OK\\r\\n\\r\\n' "$status" ;;
  "exec "*) echo x86_64 ;;
  "logs "*) echo "the last words of $last" ;;
esac 2>/dev/null`;

export interface TestServer {
  /** Of programs there. */
  readonly env: { readonly PATH: string; readonly HOME: string };
  /** The app's directory. */
  readonly place: string;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly read: (file: string) => Promise<string>;
  /** Writes a release down as our client does. */
  readonly keep: (id: string, changes?: ReleaseChanges, directory?: string) => Promise<void>;
  /** `NAME STATE POLICY` of each container. */
  readonly containers: () => Promise<readonly string[]>;
  readonly setContainer: (name: string, state: string) => Promise<void>;
  /** What the health path answers. */
  readonly answer: (status: string) => Promise<void>;
  /** Calls of docker that fail: a regular expression. */
  readonly refuse: (pattern: string) => Promise<void>;
  readonly calls: () => Promise<readonly (readonly string[])[]>;
  /** Runs a program to its end. */
  readonly run: (
    argv: readonly string[],
    input?: string,
  ) => Promise<{
    readonly exitCode: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

export async function testServer(t: TestContext): Promise<TestServer> {
  const home = await temporaryDirectory(t);
  const place = path.join(home, ".local/state/transship/shop");
  const docker = await standInDocker(t, engine);
  const here = docker.env.PATH.slice(0, docker.env.PATH.indexOf(":"));
  const env = { ...docker.env, HOME: home };
  const write = async (file: string, content: string) => {
    await mkdir(path.dirname(path.join(place, file)), { recursive: true });
    await writeFile(path.join(place, file), content);
  };
  await writeFile(path.join(here, "status"), "200\n");
  return {
    env,
    place,
    write,
    read: async (file) => await readFile(path.join(place, file), "utf8"),
    async keep(id, changes, directory = `releases/${id}`) {
      for (const [name, content] of Object.entries(filesOf(id, changes)))
        await write(`${directory}/${name}`, content);
    },
    async containers() {
      const names = (await readdir(here)).filter((name) => name.startsWith("container-"));
      const read = async (file: string) =>
        (await readFile(path.join(here, file), "utf8").catch(() => "-")).trim();
      return await Promise.all(
        names.toSorted().map(async (file) => {
          const name = file.slice("container-".length);
          return `${name} ${await read(file)} ${await read(`policy-${name}`)}`;
        }),
      );
    },
    setContainer: async (name, state) =>
      await writeFile(path.join(here, `container-${name}`), `${state}\n`),
    answer: async (status) => await writeFile(path.join(here, "status"), `${status}\n`),
    refuse: async (pattern) => await writeFile(path.join(here, "refuse"), `${pattern}\n`),
    calls: docker.calls,
    async run([program = "sh", ...args], input = "") {
      const { XDG_STATE_HOME: _, ...own } = process.env;
      const child = spawn(program, args, { stdio: "pipe", env: { ...own, ...env } });
      t.after(() => child.kill("SIGKILL"));
      child.stdin.on("error", () => {}).end(input);
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "exit"),
      ]);
      return { exitCode: child.exitCode, stdout, stderr };
    },
  };
}

/** What our client writes down of a release that is quickly judged. */
function filesOf(id: string, changes: ReleaseChanges = {}) {
  const health = { port: 8080, path: "/health", host: "localhost", seconds: 2 };
  const release = releaseOf({
    id: parseReleaseId(id),
    bakeSeconds: 1,
    ...changes,
    gate: { health, goodAnswers: 1, startSeconds: 1, ...changes.gate },
  });
  const environment = environmentText(release.run.environment, "docker");
  return releaseFiles(release, environment, { who: "ann@mac", now: new Date(0), keep: 3 });
}

export const operation: Operation = {
  id: "deploy-1",
  app: parseAppName("shop"),
  verb: "deploy",
  release: parseReleaseId("v2"),
  access: "docker",
  who: `ann "the builder" o'mac@mac`,
  helper: "transship/helper:1",
  machine: "x86_64",
  keep: 3,
  isForced: false,
};
