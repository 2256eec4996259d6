/** What is hostile, or made for another machine: refused before anything is switched, or passed on to the byte. */
import assert from "node:assert/strict";
import path from "node:path";
import { after } from "node:test";
import { app, sharedBerth } from "./berth.ts";
import { dock } from "./dock.ts";
import { directory, engineTestOn, lastFirst, transship } from "./engine.ts";
import { appLayout } from "./app.ts";

const berthOf = sharedBerth({ after });

engineTestOn(
  ["classic"],
  "deploy: values of the environment come as they are",
  async (engine, context) => {
    const { deploy, machine } = await berthOf(engine);
    const values: Readonly<Record<string, string>> = {
      QUOTES: `it's "so" \`date\` $(reboot) \${HOME} \\n !x %s`,
      LINES: "one\ntwo\r\n\n'three'\n",
      BLANKS: "  # not a comment ",
      EMPTY: "",
      LONG: "x".repeat(100_000),
      UNICODE: "grüße \u{1F6A2}",
    };
    const flags = Object.entries(values).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const ended = await deploy({ release: "v1" }, ...flags);
    assert.equal(ended.exitCode, 0, ended.stderr);
    for (const [name, value] of Object.entries(values)) {
      const response = await fetch(`http://${machine.address}/env/${name}`);
      assert.equal(await response.json(), value, name);
    }
    const file = path.join(await directory(context, { long: `LONG=${"x".repeat(1e6)}` }), "long");
    const long = await deploy({ release: "v2" }, "--env-file", file);
    assert.deepEqual([long.exitCode, long.error?.code], [2, "ENVIRONMENT_INVALID"]);
    for (const name of ["../up", "a b", "$(reboot)", "A", "a".repeat(64), "a\nb"]) {
      const words = ["status", "--to", "root@127.0.0.1", "--app", name, "--json"];
      const refused = await transship(words);
      assert.equal(refused.exitCode, 2, name);
      assert.match(refused.stdout, /"APP_INVALID"/);
    }
  },
);

engineTestOn(
  ["classic"],
  "deploy: what cannot run on the server does not get there",
  async (engine) => {
    const { deploy, answer, containers } = await berthOf(engine);
    await deploy({ release: "v1" });
    const foreign = await deploy({ release: "v2", architectures: ["arm64"] });
    assert.deepEqual([foreign.exitCode, foreign.error?.code], [1, "DEPLOY_FOREIGN"]);
    assert.equal(await answer(), "v1");
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
  },
);

engineTestOn(
  ["classic"],
  "deploy: a server without room for the image is told of",
  async (engine, test) => {
    const context = lastFirst(test);
    const { machine, server } = await dock(engine, context, { disk: 60e6 });
    const layout = await appLayout(context, engine, { release: "v1" });
    const image = ["--image", `oci:${layout}`, "--name", "app:1", "--publish", "80:8080"];
    const ended = await transship(["deploy", "--to", server, ...image, "--json"], {
      env: { PATH: machine.path },
    });
    assert.equal(ended.exitCode, 4, ended.stderr);
    assert.match(ended.stdout, /"DEPLOY_REFUSED"[^]*MB left/);
  },
);
