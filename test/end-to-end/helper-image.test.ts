/** The helper image in a real engine behind a real sshd. */
import assert from "node:assert/strict";
import { execa } from "execa";
import { exchangeRequest } from "../../src/probe/exchange.ts";
import { openRemoteShell } from "../../src/process/remote-shell.ts";
import { parseSshTarget } from "../../src/process/ssh-target.ts";
import { ensureHelper } from "../../src/server/helper-image.ts";
import { askFacts, serverAt } from "../../src/server/server.ts";
import { dock } from "./dock.ts";
import { engineTest, lastFirst } from "./engine.ts";

const port = 8_080;
const service = `require("node:http").createServer((_, answer) => answer.end("well"))
  .listen(${port}, "127.0.0.1", () => console.log("listening"))`;

engineTest("helper image: loaded once, it runs and asks a service", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, server: target } = await dock(engine, context);
  const { signal } = new AbortController();
  const env = { ...process.env, PATH: machine.path };
  const shell = openRemoteShell(parseSshTarget(target), { signal, env });
  context.after(async () => await shell.close());
  const server = serverAt(parseSshTarget(target), shell);
  const facts = await askFacts(server);
  const name = await ensureHelper(server, facts);
  assert.equal(await ensureHelper(server, facts), name);
  assert.equal(await machine.docker("run", "--rm", name), "x86_64");

  await machine.listen(service, context);
  const request = exchangeRequest({
    target: { address: "127.0.0.1", port },
    transport: "tcp",
    payload: Buffer.from("GET / HTTP/1.0\r\n\r\n"),
    seconds: 10,
  });
  const argv = ["run", "--rm", "--interactive", "--network", "host", name, "exchange"];
  const { stdout } = await execa("docker", argv, {
    input: request,
    env: { DOCKER_HOST: machine.host },
    timeout: 60_000,
  });
  assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nwell$/);
});
