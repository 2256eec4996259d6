/** What stays of a deploy on its server, in the shells that it may have. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { runPieces } from "../../../test/deploy/pieces.ts";
import { standInDocker } from "../../../test/deploy/stand-in.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";
import { oneOf, randomOf } from "../../../test/random.ts";

interface Trial {
  readonly words: string;
  readonly script: string;
  readonly history?: string;
  readonly releases?: readonly string[];
  readonly operations?: readonly string[];
}

const pieces = ["clock", "process", "lock", "state", "events", "release", "record"] as const;

async function trial(
  t: TestContext,
  { words, script, history, releases = [], operations = [] }: Trial,
) {
  const place = await temporaryDirectory(t);
  const { env, calls } = await standInDocker(t);
  for (const id of ["", ...releases])
    await mkdir(path.join(place, "releases", id), { recursive: true });
  // The first is the oldest.
  for (const id of ["", ...operations])
    await mkdir(path.join(place, "operations", id), { recursive: true });
  if (history !== undefined) await writeFile(path.join(place, "history"), history);
  const values = `docker=docker app=shop release=v3 container=shop-v3 prober=shop-v3-prober verb=deploy
previous=v2 serving=v3 keep=2 digest=sha256:1 author='"ann@mac"' reason= gap=840 back_ms= is_orphan= settled= operation=new events=$place/events`;
  const ran = await runPieces(t, { words, pieces, place, env, script: `${values}\n${script}` });
  const read = async (file: string) => await readFile(path.join(place, file), "utf8");
  return { ...ran, place, read, calls: await calls() };
}

const inOrder = (all: readonly (readonly string[])[]) => all.map((one) => one.join(" ")).toSorted();

const auditLine = z.looseObject({
  at: z.string(),
  action: z.string(),
  reason: z.string(),
  gapMs: z.number().nullable(),
});

const random = randomOf(8);
const letters = [
  "\\",
  '"',
  "'",
  "\n",
  "\r",
  "\t",
  "\u0001",
  "\u001F",
  "\u007F",
  " ",
  "/",
  "$(x)",
  "`",
  "%s",
  "\\n",
  "&",
  "ä",
  "\u{1F680}",
  "a",
];
const texts = Array.from({ length: 12 }, () =>
  Array.from({ length: Math.floor(random() * 12) }, () => oneOf(letters, random)).join(""),
);

for (const { words, skip } of shells) {
  test(
    `${words}: any text is a string of JSON, its control characters blanks`,
    { skip },
    async (t) => {
      const script = 'for text; do json "$text"; echo; done';
      const set = `set -- ${texts.map((text) => `'${text.replaceAll("'", `'\\''`)}'`).join(" ")}`;
      const { stdout, stderr } = await trial(t, { words, script: `${set}\n${script}` });
      assert.equal(stderr, "");
      assert.deepEqual(
        stdout
          .split("\n")
          .slice(0, -1)
          .map((line): unknown => JSON.parse(line)),
        // eslint-disable-next-line no-control-regex
        texts.map((text) => text.replaceAll(/[\u0001-\u001F]/g, " ")),
      );
    },
  );

  test(
    `${words}: a verdict is a line of the audit log, and ends the operation`,
    { skip },
    async (t) => {
      const script = `take_lock ann@mac
conclude deployed
reason='it said: "no"' gap= verb=rollback previous=; conclude rolled-back`;
      const { read, stderr, place } = await trial(t, { words, script, history: "v1\nv3\nv2\n" });
      assert.equal(stderr, "");
      const audit = (await read("audit")).split("\n").slice(0, -1);
      const [one, other] = audit.map((line) => auditLine.parse(JSON.parse(line)));
      assert.match(one?.at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const { at: _at, ...said } = one ?? {};
      assert.deepEqual(said, {
        app: "shop",
        action: "deploy",
        release: "v3",
        previous: "v2",
        digest: "sha256:1",
        who: "ann@mac",
        verdict: "deployed",
        reason: "",
        gapMs: 840,
      });
      assert.deepEqual(
        [other?.reason, other?.gapMs, other?.action],
        ['it said: "no"', null, "rollback"],
      );
      // The one that serves comes last.
      assert.equal(await read("history"), "v1\nv2\nv3\n");
      assert.match(
        await read("state"),
        /^phase=done\nverdict=rolled-back\nreason=it said: "no"\ngap_ms=\nback_ms=\nserving=v3$/m,
      );
      assert.match(
        await read("events"),
        /^\d+ verdict deployed \n\d+ verdict rolled-back it said: "no"\n$/,
      );
      assert.ok(!(await readdir(place)).includes("lock"));
    },
  );

  test(
    `${words}: of an orphan the verdict is another event, and the lock stays`,
    { skip },
    async (t) => {
      const script = "take_lock ann@mac; is_orphan=yes; conclude failed";
      const { read, place } = await trial(t, { words, script, history: "v2\n" });
      assert.match(await read("events"), /^\d+ orphan v3 failed \n$/);
      assert.ok((await readdir(place)).includes("lock"));
      assert.equal(await read("history"), "v2\n");
    },
  );

  test(
    `${words}: as many releases stay as are to be kept, and the one that serves`,
    { skip },
    async (t) => {
      const releases = ["v1", "v2", "v3", "v4", "v5", "V.6_x"];
      // It serves again, though three came after it.
      const script = "serving=v1; sweep";
      const history = "v1\nv2\nv3\nv4\n";
      const { calls, read, place } = await trial(t, { words, script, history, releases });
      assert.deepEqual((await readdir(path.join(place, "releases"))).toSorted(), [
        "v1",
        "v3",
        "v4",
      ]);
      assert.equal(await read("history"), "v1\nv3\nv4\n");
      const gone = ["V.6_x", "v2", "v5"].flatMap((id) => [
        ["rm", "--force", `shop-${id}`],
        ["image", "rm", `transship/release/shop:${id}`],
      ]);
      assert.deepEqual(calls[0], [
        "rm",
        "--force",
        "shop-v3-prober",
        "shop-v3-candidate",
        "shop-v3-hook",
      ]);
      assert.deepEqual(inOrder(calls.slice(1)), inOrder(gone));
    },
  );

  test(
    `${words}: a name that another begins with is another, and a dot is a dot`,
    { skip },
    async (t) => {
      const history = "v1\nv1.1\nv1-1\n";
      const { stdout, read } = await trial(t, {
        words,
        script: "remember v1; others v1.1; is_kept v1.; echo $?",
        history,
      });
      assert.equal(await read("history"), "v1.1\nv1-1\nv1\n");
      assert.equal(stdout, "v1-1\nv1\n1\n");
    },
  );

  test(`${words}: where nothing is kept yet nothing goes`, { skip }, async (t) => {
    const { calls, exitCode, stderr } = await trial(t, {
      words,
      script: "serving=; sweep; remember v1",
    });
    assert.deepEqual([exitCode, stderr, calls.length], [0, "", 1]);
  });

  test(`${words}: the latest operations stay, and this one`, { skip }, async (t) => {
    const operations = ["new", ...Array.from({ length: 9 }, (_, n) => `o${n}`)];
    const script = `for one in new o0 o1; do touch -d '2001-01-01' "$place/operations/$one" 2>/dev/null || touch -t 200101010000 "$place/operations/$one"; done; sweep`;
    const { place } = await trial(t, { words, script, operations });
    assert.deepEqual((await readdir(path.join(place, "operations"))).toSorted(), [
      "new",
      ...Array.from({ length: 7 }, (_, n) => `o${n + 2}`),
    ]);
  });

  test(`${words}: a history that cannot be written stays as it was`, { skip }, async (t) => {
    const history = "v1\nv2\n";
    const script = 'grep() { command grep "$@" | head -c 1; return 2; }; forget v1';
    assert.equal(await (await trial(t, { words, script, history })).read("history"), history);
  });
}
