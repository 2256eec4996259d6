/** The first time that an image is shipped, against what people do without `transship ship`. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { startRegistry } from "../provision/registry.ts";
import { type Bay, environment, name, shipping } from "./bay.ts";
import type { Row } from "./benchmark.ts";
import { pairedRuns, type Run, runs } from "./measure.ts";

/** The engine's own name for the image that was loaded from the archive. */
async function sourceId({ setting }: Bay): Promise<string> {
  const args = ["docker", "image", "ls", "--no-trunc", "--format", "{{.ID}} {{.Size}}"] as const;
  const { stdout } = await setting.site.run(args, { env: setting.env });
  const [id = ""] = (stdout.split("\n").find((line) => line.endsWith("GB")) ?? "").split(" ");
  return id;
}

/** Ours, then what people do, each to a server that has had nothing. `before`: what else is to be as it was, before each. */
async function inTurn(bay: Bay, line: readonly string[], before?: () => Promise<void>) {
  const { setting, server, layout } = bay;
  const fresh = async () => {
    await server.renew();
    await before?.();
  };
  const theirs = { argv: setting.command(...line), env: environment(setting, server) };
  return await pairedRuns(
    { ...shipping(bay, layout), before: fresh },
    { ...theirs, before: fresh },
    { rounds: 1, warmUps: 0, signal: setting.site.signal },
  );
}

export async function againstLoad(bay: Bay): Promise<Row> {
  const { server } = bay;
  const id = await sourceId(bay);
  const line = `docker save ${id} | gzip | ssh ${server.login} docker load`;
  const times = await inTurn(bay, ["bash", "-o", "pipefail", "-c", line]);
  return {
    outcome: "measured",
    what: "`transship ship`, 1.5 GB, first time",
    peer: "`docker save | gzip | ssh SERVER docker load`",
    ...times,
    target: { kind: "ratio", most: 0.35 },
  };
}

export async function againstRegistry(bay: Bay): Promise<Row> {
  const { setting, server } = bay;
  const id = await sourceId(bay);
  const registry = await startRegistry(setting.site, setting.directory, { inside: setting.inside });
  try {
    const there = `${registry.host}/app:1`;
    const pull = `ssh -R ${registry.host}:${registry.host} ${server.login} docker pull ${there}`;
    const line = `docker tag ${id} ${there} && docker push ${there} && ${pull}`;
    const empty = path.join(setting.directory, "registry");
    const times = await inTurn(bay, ["bash", "-c", line], async () => {
      await rm(empty, { recursive: true, force: true });
    });
    await setting.site.attempt(["docker", "image", "rm", there], { env: setting.env });
    return {
      outcome: "measured",
      what: "`transship ship`, the same",
      peer: "`docker push` to a registry on the loopback, then `docker pull` through `ssh -R`",
      ...times,
      target: { kind: "ratio", most: 1.15 },
    };
  } finally {
    await registry.stop();
  }
}

/** What is left where nothing has to be carried: the engine's own work, most of it unpacking, one layer after the other. */
export async function againstPull(bay: Bay): Promise<Row> {
  const { setting, server, layout } = bay;
  const directory = path.join(setting.directory, "beside");
  await mkdir(directory);
  const registry = await startRegistry(setting.site, directory, { inside: server.inside });
  try {
    const there = `${registry.host}/app:1`;
    const before = async () => await server.renew();
    const options = { rounds: 1, warmUps: 0, signal: setting.site.signal };
    const ours = await runs({ ...shipping(bay, layout), before }, options);
    const onServer = (line: string): Run => ({
      argv: ["ssh", server.login, line],
      env: environment(setting, server),
    });
    await runs(onServer(`docker tag ${name} ${there} && docker push --quiet ${there}`), options);
    const theirs = await runs({ ...onServer(`docker pull ${there}`), before }, options);
    return {
      outcome: "measured",
      what: "`transship ship`, the same",
      peer: "`docker pull` on the server from a registry beside its engine: no wire, no ssh",
      ours,
      theirs,
      target: { kind: "ratio", most: 1.2 },
    };
  } finally {
    await registry.stop();
  }
}
