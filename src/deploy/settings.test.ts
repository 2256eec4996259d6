/** What a release comes to in the shells that a server may have: the words that docker gets. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { type ReleaseChanges, releaseOf, imageId } from "../../test/deploy/release.ts";
import { type Piece, runPieces } from "../../test/deploy/pieces.ts";
import { standInDocker } from "../../test/deploy/stand-in.ts";
import { temporaryDirectory } from "../../test/directory.ts";
import { shells } from "../../test/process/shell.ts";
import { environmentText } from "./environment.ts";
import { settingsText } from "./settings.ts";

/** Words that a shell would make others of, were they not quoted. */
const hostile = [
  "",
  " ",
  "a b",
  "*",
  "~",
  "$HOME",
  "$(touch pwned)",
  "`touch pwned`",
  "it's",
  '"',
  "\\",
  "\\\\n",
  "!",
  "!!",
  "two\nlines",
  "\n",
  "end\\",
  "#",
  ";",
  "&& false",
  "A=1",
  "--flag=a b",
  "ä\u{1F680}",
];

interface Trial {
  readonly words: string;
  readonly release: ReleaseChanges;
  /** What is done with the settings. */
  readonly script: string;
  /** What docker does. */
  readonly docker?: string;
  readonly pieces?: readonly Piece[];
}

/** Sources the settings, and does something with them. */
async function trial(t: TestContext, { words, release: changes, script, docker, pieces }: Trial) {
  const place = await temporaryDirectory(t);
  const release = releaseOf(changes);
  const text = settingsText(release, environmentText(release.run.environment, "docker"));
  await writeFile(path.join(place, "settings"), text);
  const { env, calls } = await standInDocker(t, docker);
  const before = 'cd "$place"; docker=docker unhurried=docker release_place=$place; . ./settings';
  const options = { words, pieces: pieces ?? [], place, env, script: `${before}\n${script}` };
  const ran = await runPieces(t, options);
  return { ...ran, place, calls: await calls() };
}

const created = (place: string) => [
  "create",
  "--pull",
  "never",
  "--name",
  "made",
  "--env-file",
  path.join(place, "environment"),
];
const labels = ["--label", "dev.transship.app=shop", "--label", "dev.transship.release=v1"];

for (const { words, skip } of shells) {
  test(
    `${words}: a release's container has ports and a name, its candidate has neither`,
    { skip },
    async (t) => {
      const publish = [
        { host: 80, container: 8080, protocol: "tcp" },
        { address: "::1", host: 53, container: 5353, protocol: "udp" },
      ] as const;
      const networks = [{ name: "back", aliases: ["web", "www"] }];
      const release = { run: { publish, networks, volumes: ["data:/data:ro"] } };
      const script = "create_candidate made --restart no; create_release made --restart no";
      const { calls, place, exitCode, stderr } = await trial(t, { words, release, script });
      assert.deepEqual([exitCode, stderr], [0, ""]);
      const common = [
        ...created(place),
        "--restart",
        "no",
        "--network",
        "transship.shop",
        ...labels,
        "--volume",
        "data:/data:ro",
      ];
      assert.deepEqual(calls, [
        [...common, imageId],
        ["network", "connect", "back", "made"],
        [
          ...common,
          "--label",
          "dev.transship.role=release",
          "--network-alias",
          "shop",
          "--publish",
          "80:8080",
          "--publish",
          "[::1]:53:5353/udp",
          imageId,
        ],
        ["network", "connect", "--alias", "web", "--alias", "www", "back", "made"],
      ]);
    },
  );

  test(`${words}: every word comes to docker as it was wished`, { skip }, async (t) => {
    const environment = { LINES: "it's\n$(touch pwned) \\\n!", PLAIN: "$HOME" };
    const run = {
      options: hostile,
      volumes: hostile,
      command: hostile,
      entrypoint: ["/bin/a b", ...hostile],
      environment,
    };
    const said = 'test "$1" != create || printf %s "$LINES" >&2';
    const options = { words, release: { run }, script: "create_candidate made", docker: said };
    const { calls, place, exitCode, stderr } = await trial(t, options);
    assert.deepEqual([exitCode, stderr], [0, environment.LINES]);
    assert.deepEqual(calls, [
      [
        ...created(place),
        "--network",
        "transship.shop",
        ...labels,
        ...hostile.flatMap((volume) => ["--volume", volume]),
        ...hostile,
        "--env",
        "LINES",
        "--entrypoint",
        "/bin/a b",
        imageId,
        ...hostile,
        ...hostile,
      ],
    ]);
  });

  test(
    `${words}: a file is mounted from the release's directory, whatever it is called in the container`,
    { skip },
    async (t) => {
      const files = [
        { name: "0-secret", target: "/run/secrets/a b'c", content: "x" },
        { name: "1-config", target: '/etc/a,b"c.conf', content: "y" },
      ];
      const { calls, place } = await trial(t, {
        words,
        release: { run: { files } },
        script: "create_candidate made",
      });
      const mounts = (calls[0] ?? []).filter((_, n, all) => all[n - 1] === "--mount");
      assert.deepEqual(mounts, [
        `type=bind,readonly,"dst=/run/secrets/a b'c","src=${place}/file-0-secret"`,
        `type=bind,readonly,"dst=/etc/a,b""c.conf","src=${place}/file-1-config"`,
      ]);
    },
  );

  test(
    `${words}: what it says of itself, and nothing else is done when it is read`,
    { skip },
    async (t) => {
      const health = { port: 8080, path: "/a'b$(touch${IFS}pwned)!", host: "*", seconds: 7 };
      const release: ReleaseChanges = {
        gate: { health, goodAnswers: 2, startSeconds: 9 },
        isSingleWriter: true,
        run: { restart: "on-failure:3" },
      };
      const names = [
        "app",
        "image",
        "network",
        "strategy",
        "restart",
        "port",
        "health_path",
        "health_host",
        "health_seconds",
        "has_healthcheck",
        "good_answers",
        "start_seconds",
        "bake_seconds",
        "is_single_writer",
        "has_hook",
      ];
      const script = `${names.map((name) => `printf '%s\\n' "$${name}"`).join("\n")}; ls`;
      const { stdout, stderr, calls } = await trial(t, { words, release, script });
      assert.deepEqual([stderr, calls], ["", []]);
      assert.deepEqual(stdout.split("\n"), [
        "shop",
        imageId,
        "transship.shop",
        "recreate",
        "on-failure:3",
        "8080",
        health.path,
        "*",
        "7",
        "",
        "2",
        "9",
        "30",
        "yes",
        "",
        "settings",
        "",
      ]);
    },
  );

  test(`${words}: where docker fails, so does what calls it`, { skip }, async (t) => {
    const release = { run: { networks: [{ name: "back", aliases: [] }] } };
    const script = "create_candidate made; echo $?";
    const refused = await trial(t, { words, release, script, docker: "exit 125" });
    assert.deepEqual([refused.stdout, refused.calls.length], ["125\n", 1]);
    const docker = 'test "$1" != network || exit 4';
    assert.equal((await trial(t, { words, release, script, docker })).stdout, "4\n");
  });

  test(`${words}: parts of the server are made, or missed`, { skip }, async (t) => {
    const parts = [
      { kind: "volume", name: "data", isExternal: false, options: ["--label", "a=it's"] },
      { kind: "network", name: "back 'n", isExternal: true, options: [] },
      { kind: "volume", name: "never", isExternal: false, options: [] },
    ] as const;
    const script = 'reason=; ensure_parts; printf "%s %s\\n" "$?" "$reason"';
    const options = { words, release: { run: { parts } }, script, pieces: ["release"] as const };
    const { stdout, calls } = await trial(t, { ...options, docker: 'test "$2" != inspect' });
    assert.equal(stdout, "1 the server has no network back 'n\n");
    assert.deepEqual(calls, [
      ["volume", "inspect", "data"],
      ["volume", "create", "--label", "a=it's", "data"],
      ["network", "inspect", "back 'n"],
    ]);
    const there = await trial(t, options);
    assert.deepEqual([there.stdout, there.calls.length], ["0 \n", 3]);
    const docker = 'case $2 in inspect) false ;; *) echo "no space left" >&2; false ;; esac';
    assert.equal((await trial(t, { ...options, docker })).stdout, "1 no space left\n");
  });

  test(
    `${words}: the image's own health check is asked with its own words, and in its own time`,
    { skip },
    async (t) => {
      const check = async (
        command: { readonly argv: readonly string[] } | { readonly shell: string },
        docker: string,
      ) => {
        const release = { gate: { healthcheck: { command, seconds: 1 } } };
        const pieces = ["clock"] as const;
        const script =
          'docker="within 60 docker"; words=$(healthcheck made 2>&1); echo "$? $words"';
        return await trial(t, { words, release, script, docker, pieces });
      };
      const own = await check({ argv: hostile.slice(1) }, "echo fine; exit 3");
      assert.equal(own.stdout, "3 fine\n");
      assert.deepEqual(own.calls, [["exec", "made", ...hostile.slice(1)]]);
      const shell = await check({ shell: "curl -f 'http://localhost/' || exit 1" }, ":");
      assert.deepEqual(shell.calls, [
        ["exec", "made", "/bin/sh", "-c", "curl -f 'http://localhost/' || exit 1"],
      ]);
      const began = performance.now();
      const late = await check({ shell: "sleep" }, "exec sleep 20");
      assert.match(late.stdout, /^(?!0)\d+ /);
      assert.ok(performance.now() - began < 10_000);
    },
  );

  test(
    `${words}: the hook runs in a container of its own, and is told nothing that the watchdog would hear`,
    { skip },
    async (t) => {
      const beforeSwitch = { command: ["/bin/sh", "-c", "migrate 'all'"], seconds: 5 };
      const run = {
        environment: { app: "two\nlines" },
        command: ["serve"],
        publish: [{ host: 80, container: 80, protocol: "tcp" }] as const,
      };
      const docker = "case $1 in start) echo migrated; exit 7 ;; esac";
      const script = 'run_hook made; echo "$? $app"';
      const pieces = ["clock"] as const;
      const { calls, place, stdout } = await trial(t, {
        words,
        release: { beforeSwitch, run },
        script,
        docker,
        pieces,
      });
      assert.equal(stdout, "migrated\n7 shop\n");
      assert.deepEqual(calls, [
        ["rm", "--force", "made"],
        [
          ...created(place),
          "--restart",
          "no",
          "--network",
          "transship.shop",
          ...labels,
          "--env",
          "app",
          "--entrypoint",
          "/bin/sh",
          imageId,
          "-c",
          "migrate 'all'",
        ],
        ["start", "--attach", "made"],
      ]);
    },
  );

  test(
    `${words}: without a hook or a health check there is nothing to run`,
    { skip },
    async (t) => {
      const { calls, exitCode } = await trial(t, {
        words,
        release: {},
        script: "run_hook made && healthcheck made && ensure_parts",
      });
      assert.deepEqual([exitCode, calls], [0, []]);
    },
  );
}
