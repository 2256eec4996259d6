/** What the flags of `transship deploy` say of a container and of its gate, before what a file says and the defaults. */
import type { DeployOptions } from "../deploy/deploy.ts";
import type { ReleaseWishes } from "../deploy/make-release.ts";
import { isHost, mostDrainSeconds } from "../deploy/proxy/app.ts";
import { parseReleaseId } from "../deploy/names.ts";
import { usualKeep } from "../deploy/record.ts";
import { strategies, type Strategy } from "../deploy/release.ts";
import {
  plainRun,
  type PublishedPort,
  type RestartPolicy,
  type RunArguments,
} from "../deploy/run-arguments.ts";
import type { DeploySource } from "../deploy/source.ts";
import { fail } from "../errors.ts";
import { type CertificateFiles, readCertificate } from "./certificate.ts";
import type { DeployFlags } from "./commands/deploy.ts";
import { proofOptions } from "./proof.ts";
import { parseSpan } from "./quantities.ts";
import { countOf, portNumber } from "./servers.ts";
import { shippingVia } from "./shipping.ts";

export const command = "transship deploy";

/** What a file may say of it: what nobody says is undefined. */
export interface SaidSettings {
  readonly strategy?: string | undefined;
  readonly port?: number | undefined;
  readonly healthPath?: string | undefined;
  readonly healthHost?: string | undefined;
  readonly goodAnswers?: number | undefined;
  readonly startTimeoutMs?: number | undefined;
  readonly bakeMs?: number | undefined;
  readonly beforeSwitch?:
    | { readonly command: readonly string[]; readonly timeoutMs: number | undefined }
    | undefined;
  readonly isSingleWriter?: boolean;
  readonly releasesToKeep?: number | undefined;
  readonly maxParallel?: number | undefined;
  readonly onFailure?: "undo" | "leave" | undefined;
  readonly stopTimeoutMs?: number | undefined;
  readonly drainTimeoutMs?: number | undefined;
  readonly hosts?: readonly string[];
  readonly tls?: CertificateFiles | undefined;
  readonly behindFront?: boolean | undefined;
  readonly proxyImage?: string | undefined;
}

/** What flags alone say. */
export type MoreRun = Pick<RunArguments, "environment" | "options">;

/** Lists are added to those of a file; ports and the restart policy take their place. @throws USAGE */
export function runWith(
  said: RunArguments,
  flags: DeployFlags,
  { environment, options }: MoreRun,
): RunArguments {
  const { publish, volume = [], network = [], restart } = flags;
  return {
    ...said,
    ...(publish === undefined ? {} : { publish: publish.map(parsePublish) }),
    ...(restart === undefined ? {} : { restart: restartPolicy(restart) }),
    environment: { ...said.environment, ...environment },
    volumes: [...said.volumes, ...volume],
    networks: [...said.networks, ...network.map((name) => ({ name, aliases: [] }))],
    options: [...said.options, ...options],
  };
}

/** @throws USAGE */
function wishesOf(flags: DeployFlags, said: SaidSettings, run: RunArguments): ReleaseWishes {
  const port =
    flags.healthPort === undefined
      ? said.port
      : portNumber(flags.healthPort, "--health-port", command);
  const hook = hookOf(flags, said);
  const { stopTimeoutMs } = said;
  const behindFront = flags.behindFront ?? said.behindFront;
  const proxyImage = flags.proxyImage ?? said.proxyImage;
  const stop =
    stopTimeoutMs === undefined ? [] : ["--stop-timeout", `${Math.ceil(stopTimeoutMs / 1_000)}`];
  return {
    run: { ...run, options: [...run.options, ...stop] },
    ...(port === undefined ? {} : { port }),
    ...(flags.health ? { health: healthOf(flags, said) } : {}),
    goodAnswers:
      flags.answers === undefined
        ? (said.goodAnswers ?? 3)
        : countOf(flags.answers, "--answers", command),
    startSeconds: secondsOf(flags.startTimeout, "--start-timeout", said.startTimeoutMs ?? 60_000),
    bakeSeconds: secondsOf(flags.bake, "--bake", said.bakeMs ?? 30_000),
    ...strategyOf(flags.strategy ?? said.strategy),
    hosts: hostsOf(flags, said),
    drainSeconds: drainOf(flags, said),
    ...(proxyImage === undefined ? {} : { proxyImage }),
    ...(behindFront === undefined ? {} : { behindFront }),
    isSingleWriter: flags.singleWriter || said.isSingleWriter === true,
    ...(hook === undefined ? {} : { beforeSwitch: hook }),
  };
}

/** `undefined` where nobody says it. @throws USAGE */
export function keepOf({ keep }: DeployFlags, said: SaidSettings): number | undefined {
  return keep === undefined ? said.releasesToKeep : countOf(keep, "--keep", command);
}

/** What is asked for of an app wherever its image comes from. @throws USAGE, RELEASE_INVALID */
export function sharedOptions(flags: DeployFlags, said: SaidSettings, run: RunArguments) {
  const { release, forceUnlock, dryRun, parallel, onFailure } = flags;
  return {
    ...(release === undefined ? {} : { release: parseReleaseId(release) }),
    wishes: wishesOf(flags, said, run),
    keep: keepOf(flags, said) ?? usualKeep,
    parallel:
      parallel === undefined ? (said.maxParallel ?? 1) : countOf(parallel, "--parallel", command),
    onFailure: onFailure ?? said.onFailure ?? ("leave" as const),
    isForced: forceUnlock,
    dryRun,
    shipping: shippingOf(flags),
  };
}

/** The same with the certificate, which stands in files. @throws USAGE, CERTIFICATE_INVALID */
export async function withCertificate(
  options: DeployOptions,
  { tlsCertificate, tlsKey }: DeployFlags,
  { tls }: SaidSettings,
): Promise<DeployOptions> {
  const said = tlsCertificate === undefined ? tls : { certificate: tlsCertificate, key: tlsKey };
  if (said === undefined && tlsKey !== undefined)
    throw wrong("A key is named (--tls-key), and no certificate (--tls-certificate).");
  if (said === undefined) return options;
  const { wishes } = options;
  if (wishes.hosts.length === 0)
    throw wrong("A certificate is for hosts: name them, --host app.example.org.");
  const certificate = await readCertificate(said, wishes.hosts);
  return { ...options, wishes: { ...wishes, certificate } };
}

/** How what is built is tried here: with the variables of its release, and asked as its gate will ask. */
export function testOf(
  { test, health, healthPath: flag }: DeployFlags,
  said: SaidSettings,
  { environment }: Pick<RunArguments, "environment">,
): Pick<Extract<DeploySource, { readonly kind: "build" }>, "test"> {
  if (!test) return {};
  const healthPath = flag ?? said.healthPath;
  return { test: { environment, health, ...(healthPath === undefined ? {} : { healthPath }) } };
}

/** How the image goes there. @throws USAGE, REFERENCE_INVALID */
function shippingOf(flags: DeployFlags): DeployOptions["shipping"] {
  const { via, name, store, strict, shipAnyway, waivers } = flags;
  return {
    ...(via === undefined ? {} : { via: shippingVia(via) }),
    ...(name === undefined ? {} : { name }),
    ...(store === undefined ? {} : { store }),
    strict,
    shipAnyway,
    waivers: async () => (await proofOptions(command, { waivers })).waivers,
  };
}

function healthOf(flags: DeployFlags, said: SaidSettings): NonNullable<ReleaseWishes["health"]> {
  const path = flags.healthPath ?? said.healthPath ?? "/api/healthchecker";
  const host = flags.healthHost ?? said.healthHost ?? "localhost";
  if (!/^\/[!-~]*$/.test(path))
    throw wrong(
      `--health-path ${JSON.stringify(path)} is no path: it begins with /, and has no blanks.`,
    );
  if (!/^[!-~]+$/.test(host)) throw wrong(`--health-host ${JSON.stringify(host)} is no host.`);
  const seconds = countOf(String(flags.timeout), "--timeout", command);
  if (seconds > 255) throw wrong(`--timeout ${seconds} is too long: 255 s at most.`);
  return { path, host, seconds };
}

function hookOf(flags: DeployFlags, { beforeSwitch }: SaidSettings): ReleaseWishes["beforeSwitch"] {
  const shell =
    flags.beforeSwitch === undefined ? undefined : ["/bin/sh", "-c", flags.beforeSwitch];
  const words = shell ?? beforeSwitch?.command;
  if (words === undefined) return undefined;
  const usual = beforeSwitch?.timeoutMs ?? 600_000;
  return { command: words, seconds: secondsOf(flags.hookTimeout, "--hook-timeout", usual) };
}

function strategyOf(text: string | undefined): { readonly strategy?: Strategy } {
  if (text === undefined) return {};
  const strategy = strategies.find((one) => one === text);
  if (strategy !== undefined) return { strategy };
  throw wrong(`--strategy is one of ${strategies.join(", ")}, and "${text}" is none.`);
}

/** `80:8080`, `127.0.0.1:80:8080/udp`, `[::1]:80:8080`: one port of the server for one of the container. */
function parsePublish(text: string): PublishedPort {
  const [, bracketed, plain, host, container, protocol = "tcp"] =
    /^(?:(?:\[([0-9a-f:]+)\]|([\d.]+)):)?(\d+):(\d+)(?:\/(tcp|udp))?$/i.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (host === undefined || container === undefined)
    throw wrong(
      `--publish ${JSON.stringify(text)} is no pair of ports: write 80:8080 or 127.0.0.1:80:8080/udp.`,
    );
  return {
    ...(address === undefined ? {} : { address }),
    host: portNumber(host, "--publish", command),
    container: portNumber(container, "--publish", command),
    protocol: protocol.toLowerCase() === "udp" ? "udp" : "tcp",
  };
}

function restartPolicy(text: string): RestartPolicy {
  if (text === "no" || text === "always" || text === "unless-stopped" || text === "on-failure")
    return text;
  const [, times] = /^on-failure:(\d+)$/.exec(text) ?? [];
  if (times !== undefined) return `on-failure:${Number(times)}`;
  throw wrong(
    `--restart is one of ${plainRun.restart}, always, no, on-failure[:N], and "${text}" is none.`,
  );
}

/** In lower case, as the proxy compares them. */
function hostsOf({ host }: DeployFlags, { hosts = [] }: SaidSettings): readonly string[] {
  const wanted = (host ?? hosts).map((one) => one.toLowerCase());
  const stranger = wanted.find((one) => !isHost(one));
  if (stranger === undefined) return [...new Set(wanted)];
  throw wrong(
    `--host ${JSON.stringify(stranger)} is no host name: write app.example.org, or *.example.org for all below it.`,
  );
}

function drainOf({ drainTimeout }: DeployFlags, { drainTimeoutMs }: SaidSettings): number {
  const seconds = secondsOf(drainTimeout, "--drain-timeout", drainTimeoutMs ?? 30_000);
  if (seconds <= mostDrainSeconds) return seconds;
  throw wrong(
    `--drain-timeout is too long with ${seconds} s: ${mostDrainSeconds / 3_600} h at most.`,
  );
}

/** Whole seconds, which a shell counts in. */
function secondsOf(text: string | undefined, flag: string, usualMs: number): number {
  const ms = text === undefined ? usualMs : parseSpan(text, flag, command);
  return Math.ceil(ms / 1_000);
}

export function wrong(problem: string) {
  return fail("USAGE", { problem, command });
}
