/** Builders that somebody else made: a BuildKit behind TLS in a network namespace of its own, by buildx's driver remote. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { certificates } from "./certificates.ts";
import {
  type CleanUp,
  directory,
  docker,
  engineTest,
  lastFirst,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const document = z
  .object({
    outcome: z.string(),
    checks: z.array(
      z.object({
        id: z.string(),
        status: z.string(),
        detail: z.string(),
        fix: z.string().optional(),
      }),
    ),
    nodes: z.array(z.object({ status: z.string(), native: z.string().optional() })),
    error: z.object({ code: z.string(), message: z.string() }),
  })
  .partial();

const builderCheck = ({ checks = [] }: z.infer<typeof document>) =>
  checks.find(({ id }) => id === "builder");

/** The name that the server's certificate is for. */
const serverName = "buildkit.test";

/** Starts a BuildKit that wants certificates, and tells buildx of it. */
async function remoteBuilder(engine: TestEngine, context: CleanUp) {
  const files = await certificates(context, `DNS:${serverName}`);
  const name = `remote-${engine.name}`;
  const container = `transship-${name}`;
  const tls = ["ca.pem", "server.pem", "server.key"].map((file) => `/certificates/${file}`);
  const flags = ["cacert", "cert", "key"].flatMap((flag, n) => [`--tls${flag}`, tls[n] ?? ""]);
  const run = ["run", "--detach", "--privileged", "--name", container];
  context.after(async () => void (await docker("rm", "--force", "--volumes", container)));
  const mounted = ["--volume", `${files}:/certificates:ro`, engine.buildkitImage];
  await docker(...run, ...mounted, "--addr", "tcp://0.0.0.0:1234", ...flags);
  const address = await docker(
    "inspect",
    "--format",
    "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
    container,
  );
  const env = { BUILDX_CONFIG: await directory(context) };
  const options = [
    `cacert=${files}/ca.pem`,
    `cert=${files}/client.pem`,
    `key=${files}/client.key`,
    `servername=${serverName}`,
  ].join(",");
  const create = ["buildx", "create", "--name", name, "--driver", "remote", "--bootstrap"];
  await execa("docker", [...create, "--driver-opt", options, `tcp://${address}:1234`], { env });
  return { name, env, container, file: path.join(env.BUILDX_CONFIG, "instances", name) };
}

engineTest("a remote builder builds, is checked, and never changed", async (engine, test) => {
  if (engine.name === "containerd") return test.skip("the image store is not asked");
  const context = lastFirst(test);
  const { name, env, container, file } = await remoteBuilder(engine, context);
  const before = await readFile(file, "utf8");
  const setup = async (...args: readonly string[]) => {
    const ended = await transship(["setup", "--builder", name, "--json", ...args], { env });
    return { ...ended, ...document.parse(JSON.parse(ended.stdout)) };
  };
  const sources = await directory(context, tinyContext());
  const store = await directory(context);
  const wanted = ["-i", "remote-app", "--platform", "linux/amd64,linux/arm64", "-c", sources];
  const where = ["--builder", name, "--store", store, "--no-load"];
  const built = await transship(["build", ...wanted, ...where], { env });
  assert.equal(built.exitCode, 0, built.stderr);

  const looked = await setup();
  assert.equal(looked.exitCode, 0, looked.stdout);
  assert.equal(looked.outcome, "unchanged");
  assert.match(builderCheck(looked)?.detail ?? "", /\(remote, .*used as it is\)$/);
  assert.deepEqual(looked.nodes, [{ status: "running", native: "linux/amd64" }]);

  for (const change of [["--recreate"], ["--remove"], ["--cache-size", "5GB"]]) {
    const refused = await setup(...change);
    assert.equal(refused.error?.code, "BUILDER_FOREIGN");
    assert.ok(refused.error.message.includes(`${change[0]} would change it`));
    assert.equal(refused.exitCode, 2);
  }

  await docker("stop", container);
  const dead = await setup();
  assert.equal(dead.exitCode, 1, dead.stdout);
  assert.equal(builderCheck(dead)?.status, "fail");
  assert.match(builderCheck(dead)?.fix ?? "", /^Start BuildKit at tcp:/);
  assert.equal(await readFile(file, "utf8"), before);
});

engineTest("a docker-container builder of somebody else stays as it is", async (engine, test) => {
  if (engine.name === "containerd") return test.skip("the image store is not asked");
  const context = lastFirst(test);
  const env = { BUILDX_CONFIG: await directory(context) };
  const name = `theirs-${engine.name}`;
  const options = `image=${engine.buildkitImage},network=host`;
  const create = ["buildx", "create", "--name", name, "--driver", "docker-container"];
  await execa("docker", [...create, "--driver-opt", options], { env });
  context.after(
    async () => void (await execa("docker", ["buildx", "rm", "--force", name], { env })),
  );
  const file = path.join(env.BUILDX_CONFIG, "instances", name);
  const before = await readFile(file, "utf8");
  const refused = await transship(["setup", "--builder", name, "--recreate"], { env });
  assert.match(refused.stderr, /error\[BUILDER_FOREIGN\]: .*--recreate would change it\.\n {2}→ /);
  const looked = await transship(["setup", "--builder", name, "--platform", "linux/amd64"], {
    env,
  });
  assert.match(looked.stdout, /not of Transship's making: used as it is/);
  assert.equal(await readFile(file, "utf8"), before);
});
