/** A server with an app that is deployed and loaded. */
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { ensureProxyImage } from "../provision/haproxy.ts";
import type { Site } from "../provision/site.ts";
import { appLayout, type AppWishes } from "../test/end-to-end/app.ts";
import { environment } from "./bay.ts";
import type { Server } from "./server.ts";
import type { Setting } from "./setting.ts";

const document = z.object({
  servers: z.array(
    z.object({
      outcome: z.string(),
      gapMs: z.number().nullish(),
      backMs: z.number().nullish(),
      reason: z.string().optional(),
    }),
  ),
});

export interface Operation {
  readonly exitCode: number;
  readonly outcome: string;
  readonly gapMs: number;
  readonly backMs: number;
}

export interface Berth {
  /** Of the server, for a load. */
  readonly address: string;
  readonly server: Server;
  readonly site: Site;
  /** An image of a release: made before it is deployed, since that takes the processor. */
  readonly image: (wishes: AppWishes) => Promise<string>;
  readonly deploy: (
    release: string,
    layout: string,
    ...flags: readonly string[]
  ) => Promise<Operation>;
  readonly verb: (...words: readonly string[]) => Promise<Operation>;
  /** Flags with which it stands behind the proxy. */
  readonly proxy: readonly string[];
  readonly close: () => Promise<void>;
}

const app = "bench";

export async function openBerth(setting: Setting, server: Server): Promise<Berth> {
  const { site } = setting;
  const directory = await mkdtemp(path.join(setting.directory, "berth-"));
  const undo = [async () => await rm(directory, { recursive: true, force: true })];
  const context = { after: (one: () => Promise<void>) => void undo.push(one) };
  const run = async (...words: readonly string[]): Promise<Operation> => {
    const [program = "", ...args] = setting.transship(...words);
    const { exitCode, stdout, stderr } = await site.attempt([program, ...args], {
      env: environment(setting, server),
      deadlineMs: 300_000,
    });
    const read = document.safeParse(JSON.parse(stdout));
    const [first] = read.data?.servers ?? [];
    if (first === undefined) throw new Error(`transship ${words[0] ?? ""}: ${stderr}`);
    const { outcome, gapMs, backMs } = first;
    return { exitCode, outcome, gapMs: gapMs ?? Number.NaN, backMs: backMs ?? Number.NaN };
  };
  const to = ["--to", server.login, "--app", app, "--json"];
  const image = await ensureProxyImage(site, setting.env);
  return {
    address: server.login.replace("root@", ""),
    server,
    site,
    image: async (wishes) => await appLayout(context, { provisioned: site.cache }, wishes),
    deploy: async (release, layout, ...flags) => {
      const what = [
        "--image",
        `oci:${layout}`,
        "--name",
        `${app}:${release}`,
        "--release",
        release,
      ];
      return await run("deploy", ...to, ...what, "--publish", "80:8080", ...flags);
    },
    verb: async (verb = "", ...words) => await run(verb, ...to, ...words),
    proxy: ["--strategy", "proxy", "--proxy-image", image],
    close: async () => {
      for (const one of undo.splice(0).toReversed()) await one().catch(() => {});
    },
  };
}
