/** A server's proxy with its apps, by the watchdog's pieces, in an engine of the tests. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Color, ProxiedApp } from "../../src/deploy/proxy/app.ts";
import { proxyConfiguration, proxyPorts } from "../../src/deploy/proxy/configuration.ts";
import type { CleanUp } from "../end-to-end/engine.ts";
import { runPieces } from "./pieces.ts";
import { answers, serviceArguments, servicePort } from "./service.ts";

export interface ProxiedOptions {
  readonly t: TestContext;
  readonly context: CleanUp;
  /** Of its container, its volume and its network, and what the names of all else begin with. */
  readonly proxy: string;
  readonly image: string;
  /** Of the server, on which it listens. */
  readonly port: number;
  /** The engine, where it is another than the test's own. */
  readonly host?: string;
}

export type App = Pick<ProxiedApp, "name" | "addresses"> & { readonly network: string };

export type Proxied = ReturnType<typeof proxied>;

export function proxied({ t, context, proxy, image, port, host }: ProxiedOptions) {
  const engine = host === undefined ? [] : ["--host", host];
  const docker = async (...args: readonly string[]) =>
    (await execa("docker", [...engine, ...args], { timeout: 60_000 })).stdout;
  const settings = `docker='${["docker", ...engine].join(" ")}' proxy=${proxy} proxy_image=${image}`;
  /** How it ends, and what it says. */
  const attempt = async (script: string, input = "", words = "sh") => {
    const whole = `${settings}\n${script}${input === "" ? "" : ` <<'END'\n${input}END`}`;
    return await runPieces(t, {
      words,
      pieces: ["network", "proxy", "certificate"],
      place: "/",
      script: whole,
    });
  };
  const run = async (script: string, input = "", words = "sh") => {
    const { exitCode, stdout, stderr } = await attempt(script, input, words);
    assert.equal(exitCode, 0, `${script}: ${stdout}${stderr}`);
    return stdout.trimEnd();
  };
  const containers = new Set<string>();
  const networks = new Set([proxy]);
  context.after(async () => {
    await docker("rm", "--force", "--volumes", proxy, ...containers);
    await docker("volume", "rm", "--force", proxy);
    await docker("network", "rm", ...networks);
  });
  return {
    image,
    docker,
    attempt,
    run,
    /** An app's network, and its addresses there. */
    async network(name: string): Promise<App> {
      const network = `${proxy}-${name}`;
      networks.add(network);
      await run(`make_network ${network}`);
      const blue = await run(`fixed_address ${network} blue`);
      const green = await run(`fixed_address ${network} green`);
      return { name, network, addresses: { blue, green } };
    },
    /** Gives it that text for its configuration. */
    async configure(text: string) {
      const old = await run("proxy_configuration");
      const sum = createHash("sha256").update(`${old}\n`).digest("hex");
      return await attempt(`configure_proxy ${old === "" ? "-" : sum}`, text);
    },
    async start() {
      await run(`start_proxy ${port}:${proxyPorts.http}`);
    },
    /** A release that answers, in the place of whatever has that color. */
    async release(app: App, color: Color, name: string, ...more: readonly string[]) {
      const container = containerOf(app, color);
      containers.add(container);
      await docker("rm", "--force", container);
      const address = ["--network", app.network, "--ip", app.addresses[color]];
      const words = serviceArguments(name, "--name", container, ...address, ...more);
      await docker("run", "--detach", ...words);
      if (host === undefined) await answers(app.addresses[color]);
      return container;
    },
    async switchTo(app: App, color: Color) {
      await run(`switch_proxy ${app.name} ${color} ${app.addresses[color]} ${servicePort}`);
    },
    async serving(app: App) {
      return await run(`serving ${app.name}`);
    },
    async drained(app: App, color: Color) {
      return Number(await run(`drained ${app.name} ${color}`));
    },
    /** Waits until that color has nothing more to do. */
    async drain(app: App, color: Color) {
      for (let tries = 0; (await this.drained(app, color)) > 0; tries += 1) {
        assert.ok(tries < 100, `${color} of ${app.name} still has requests`);
        await sleep(50);
      }
    },
    /** Bytes, each page once among those that share it (proc_pid_smaps(5), `Pss`); of a script that has ended meanwhile none. */
    async memory() {
      const listed = await docker("top", proxy, "-o", "pid");
      const pids = listed.split("\n").slice(1);
      const maps = await Promise.all(
        pids.map(
          async (pid) => await readFile(`/proc/${pid.trim()}/smaps_rollup`, "utf8").catch(() => ""),
        ),
      );
      const kibibytes = maps.map((text) => Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0));
      return 1024 * kibibytes.reduce((sum, one) => sum + one, 0);
    },
  };
}

/** Its name. */
export function containerOf({ network }: App, color: Color): string {
  return `${network}-${color}`;
}

export function configurationOf(...apps: readonly (App & Partial<ProxiedApp>)[]): string {
  return proxyConfiguration({ behindFront: false, apps: apps.map(proxiedApp) });
}

function proxiedApp({ name, addresses, ...more }: App & Partial<ProxiedApp>): ProxiedApp {
  const { hosts = [], port = servicePort, drainSeconds = 30, tls } = more;
  const app = { name, hosts, port, addresses, drainSeconds };
  return tls === undefined ? app : { ...app, tls };
}
