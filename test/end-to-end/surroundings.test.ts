/** What is wrong around us: no docker, no engine, no buildx, another context, a socket that may not be opened. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { directory, engineTest, main, tinyContext, transship } from "./engine.ts";

const document = z.object({ error: z.object({ code: z.string(), hint: z.string() }) });

/** Every verb that needs an engine, with what it works on. */
const verbs = (sources: string): readonly (readonly string[])[] => [
  ["setup"],
  ["build", "-c", sources],
  ["verify", "app:1"],
  ["test", "app:1"],
];

interface Ended {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function refused({ exitCode, stdout, stderr }: Ended, code: string): void {
  const { error } = document.parse(JSON.parse(stdout));
  assert.equal(error.code, code, stderr);
  assert.equal(exitCode, 4);
  assert.notEqual(error.hint, "");
}

engineTest("no engine: ENGINE_UNREACHABLE, whatever the verb", async (_engine, context) => {
  const sources = await directory(context, tinyContext());
  const nobody = {
    DOCKER_HOST: `unix://${path.join(sources, "nobody.sock")}`,
    BUILDX_CONFIG: sources,
  };
  for (const verb of verbs(sources)) {
    refused(await transship([...verb, "--json"], { env: nobody }), "ENGINE_UNREACHABLE");
  }
});

engineTest("no docker: DOCKER_MISSING, whatever the verb", async (_engine, context) => {
  const sources = await directory(context, tinyContext());
  for (const verb of verbs(sources)) {
    refused(await transship([...verb, "--json"], { env: { PATH: sources } }), "DOCKER_MISSING");
  }
});

engineTest(
  "a context that is not there: CONTEXT_UNKNOWN, whatever the verb",
  async (_engine, context) => {
    const sources = await directory(context, tinyContext());
    const env = { DOCKER_HOST: "", DOCKER_CONTEXT: "nowhere", BUILDX_CONFIG: sources };
    for (const verb of verbs(sources)) {
      refused(await transship([...verb, "--json"], { env }), "CONTEXT_UNKNOWN");
    }
  },
);

engineTest(
  "a socket that may not be opened: ENGINE_PERMISSION_DENIED",
  async (_engine, context) => {
    const sources = await directory(context, tinyContext());
    const socket = path.join(sources, "closed.sock");
    const server = createServer().listen(socket);
    await once(server, "listening");
    context.after(() => server.close());
    await chmod(socket, 0o000);
    // Root without the right to pass over modes is anybody.
    const anybody = [
      "--bounding-set=-dac_override,-dac_read_search",
      "--inh-caps=-dac_override,-dac_read_search",
    ];
    for (const verb of verbs(sources)) {
      const ended = await execa(
        "setpriv",
        [...anybody, process.execPath, main, ...verb, "--json"],
        {
          reject: false,
          env: { DOCKER_HOST: `unix://${socket}`, BUILDX_CONFIG: path.join(sources, "buildx") },
        },
      );
      refused(ended, "ENGINE_PERMISSION_DENIED");
    }
  },
);

engineTest("docker without its buildx plugin: BUILDX_MISSING", async (_engine, context) => {
  const sources = await directory(context, tinyContext());
  const config = path.join(sources, "config");
  await mkdir(config);
  const plugins = (await installedPlugins()).map((at) => `mount -t tmpfs tmpfs '${at}'`);
  // In a mount namespace of its own, where the plugins' directories are empty.
  const script = [...plugins, 'exec "$@"'].join(" && ");
  for (const verb of [["setup"], ["build", "-c", sources]]) {
    const ended = await execa(
      "unshare",
      ["--mount", "sh", "-c", script, "sh", process.execPath, main, ...verb, "--json"],
      {
        reject: false,
        env: { DOCKER_CONFIG: config, BUILDX_CONFIG: path.join(sources, "buildx") },
      },
    );
    refused(ended, "BUILDX_MISSING");
  }
});

/** Where the docker command looks for plugins of the machine (docker/cli, `cli-plugins/manager`). */
async function installedPlugins(): Promise<readonly string[]> {
  const known = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"];
  const found: string[] = [];
  for (const at of known.map((one) => path.join(one, "docker", "cli-plugins"))) {
    if ((await readdir(at).catch(() => [])).length > 0) found.push(at);
  }
  return found;
}
