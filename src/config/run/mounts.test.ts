import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSource } from "../locate.ts";
import { parseModel } from "../model.ts";
import { placedText } from "../project.ts";
import { serviceRun } from "./run.ts";

/** Compose's answer, and what stands in the project's files. */
function mounts(mount: string, ...written: readonly string[]) {
  const model = `name: shop\nservices:\n  web: {volumes: [${mount}]}\nvolumes:\n  data: {name: shop_data, driver_opts: {type: nfs}}\n  old: {name: legacy, external: true}\n`;
  const sources = written.map((text, index) =>
    parseSource({ name: `${index + 1}.yaml`, text: `services: {web: {volumes: [${text}]}}` }),
  );
  const surroundings = { sources, directory: "/home/me/shop", file: "compose.yaml" };
  const said = serviceRun("web", parseModel(model, "compose.yaml"), surroundings);
  return { ...said, problems: said.problems.map((one) => placedText(one, sources)) };
}

const volumes: Readonly<Record<string, string>> = {
  "{type: volume, source: data, target: /data, volume: {}}": "shop_data:/data",
  "{type: volume, source: old, target: /data, read_only: true, volume: {nocopy: true}}":
    "legacy:/data:ro,nocopy",
  "{type: bind, source: /srv, target: /srv, read_only: true, bind: {create_host_path: true}}":
    "/srv:/srv:ro",
  "{type: bind, source: /srv, target: /srv, bind: {create_host_path: true, propagation: rshared, selinux: z}}":
    "/srv:/srv:rshared,z",
};
for (const [mount, words] of Object.entries(volumes)) {
  test(`${mount} is --volume ${words}`, () => {
    const { run, problems } = mounts(mount);
    assert.deepEqual([run.volumes, run.options, problems], [[words], [], []]);
  });
}

const long: Readonly<Record<string, string>> = {
  // Without create_host_path a directory that is not there is an error, as in Compose.
  "{type: bind, source: /srv, target: /srv, bind: {}}": "type=bind,source=/srv,target=/srv",
  '{type: bind, source: "/a:b", target: /srv, bind: {create_host_path: true}}':
    "type=bind,source=/a:b,target=/srv",
  "{type: volume, source: data, target: /d, read_only: true, volume: {subpath: a}}":
    "type=volume,source=shop_data,target=/d,readonly,volume-subpath=a",
  '{type: tmpfs, target: /t, tmpfs: {size: "10485760", mode: 448}}':
    "type=tmpfs,target=/t,tmpfs-size=10485760,tmpfs-mode=700",
};
for (const [mount, words] of Object.entries(long)) {
  test(`${mount} is --mount ${words}`, () => {
    const { run, problems } = mounts(mount);
    assert.deepEqual([run.volumes, run.options, problems], [[], ["--mount", words], []]);
  });
}

test("a volume by name is made as Compose makes it, unless it is external", () => {
  const { run } = mounts(
    "{type: volume, source: data, target: /a}, {type: volume, source: data, target: /b}, {type: volume, source: old, target: /c}",
  );
  const label = "--label com.docker.compose";
  assert.deepEqual(
    run.parts.map(({ kind, name, isExternal, options }) => [
      kind,
      name,
      isExternal,
      options.join(" "),
    ]),
    [
      ["volume", "shop_data", false, `${label}.project=shop ${label}.volume=data --opt type=nfs`],
      ["volume", "legacy", true, ""],
    ],
  );
});

const bind = (source: string, target = "/app") =>
  `{type: bind, source: ${source}, target: ${target}, bind: {create_host_path: true}}`;
const ofThisMachine: readonly (readonly [string, readonly string[], string])[] = [
  [bind("/home/me/shop/src"), ['"./src:/app"'], "1.yaml:1:28: The volume ./src is"],
  [bind("/home/me/shop"), ['".:/app/"'], "1.yaml:1:28: The volume . is"],
  // Outside of the project, and yet of the machine that Compose ran on.
  [bind("/home/me/lib"), ["a:/b", '"../lib:/app:ro"'], "2.yaml:1:28: The volume ../lib is"],
  [bind("/home/me/x"), ['"~/x:/app"'], "1.yaml:1:28: The volume ~/x is"],
  [
    bind("/home/me/x"),
    ["{type: bind, source: ../x, target: /app}"],
    "1.yaml:1:28: The volume ../x is",
  ],
  // By a variable, or by an include: what stands there is not told.
  [bind("/home/me/shop/src"), ['"$DIR:/app"'], "1.yaml:1:28: The volume $DIR is"],
  [bind("/home/me/shop/src"), [], "compose.yaml: The volume /home/me/shop/src is"],
];
for (const [mount, written, beginning] of ofThisMachine) {
  test(`${mount}, written ${written.join(" and ")}, is a directory of this machine`, () => {
    const { problems } = mounts(mount, ...written);
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.startsWith(beginning), problems[0]);
  });
}

test("what takes the place of a relative one in a later file counts", () => {
  const { problems } = mounts(bind("/srv/app"), '"./src:/app"', '"/srv/app:/app"');
  assert.deepEqual(problems, []);
});
