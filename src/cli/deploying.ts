/** What the words and flags of `transship deploy` ask for. */
import { readFile } from "node:fs/promises";
import type { Context } from "../context.ts";
import type { AttachOptions } from "../deploy/attach.ts";
import type { DeployOptions } from "../deploy/deploy.ts";
import type { ReleaseWishes } from "../deploy/make-release.ts";
import { parseReleaseId } from "../deploy/names.ts";
import { strategies, type Strategy } from "../deploy/release.ts";
import type { PublishedPort, RestartPolicy, RunArguments } from "../deploy/run-arguments.ts";
import { fail } from "../errors.ts";
import { parseSubject, type Subject } from "../image/subject.ts";
import { readReference } from "../oci/reference.ts";
import type { DeployFlags } from "./commands/deploy.ts";
import { environmentOf } from "./environment.ts";
import { proofOptions } from "./proof.ts";
import { parseSpan } from "./quantities.ts";
import { namedApp, namedServers, portNumber } from "./servers.ts";
import { shippingVia } from "./shipping.ts";

const command = "transship deploy";

/** @throws USAGE, SUBJECT_INVALID, SERVER_INVALID, APP_INVALID, RELEASE_INVALID */
export async function deployOptions(
  words: readonly string[],
  flags: DeployFlags,
  { env }: Pick<Context, "env">,
): Promise<DeployOptions> {
  const { image, name, release, via, waivers, strict, shipAnyway, store } = flags;
  if (image === undefined) throw wrong("No image is named (--image).");
  const subject = parseSubject(image);
  const servers = namedServers(flags, command);
  const environment = await environmentOf(flags, { env, read: readText, command });
  return {
    app: namedApp(
      flags.app,
      name === undefined ? repositoryOf(subject) : readReference(name)?.repository,
      command,
    ),
    servers,
    subject,
    ...(release === undefined ? {} : { release: parseReleaseId(release) }),
    wishes: wishesOf(flags, runOf(words, flags, environment)),
    keep: whole(flags.keep, "--keep"),
    isForced: flags.forceUnlock,
    dryRun: flags.dryRun,
    shipping: {
      ...(via === undefined ? {} : { via: shippingVia(via) }),
      ...(name === undefined ? {} : { name }),
      ...(store === undefined ? {} : { store }),
      strict,
      shipAnyway,
      waivers: async () => (await proofOptions(command, { waivers })).waivers,
    },
  };
}

/** @throws USAGE, SERVER_INVALID, APP_INVALID */
export function attachOptions(words: readonly string[], flags: DeployFlags): AttachOptions {
  const [server, another] = namedServers(flags, command);
  if (server === undefined || another !== undefined) throw wrong("--attach follows one server.");
  const [stray] = words;
  if (stray !== undefined)
    throw wrong(`--attach starts nothing, and "${stray}" is for what starts.`);
  const { app, image = "", name = image } = flags;
  const repository = readReference(name)?.repository;
  return { app: namedApp(app, repository, command), server, keep: whole(flags.keep, "--keep") };
}

/** The repository that an image is called by, where its transport says one. */
function repositoryOf(subject: Subject): string | undefined {
  return "reference" in subject ? subject.reference.repository : undefined;
}

function runOf(
  words: readonly string[],
  { publish = [], volume = [], network = [], restart }: DeployFlags,
  environment: RunArguments["environment"],
): RunArguments {
  const [stray] = words;
  if (stray !== undefined && !stray.startsWith("-"))
    throw wrong(`"${stray}" is no flag; what docker create is to get stands behind --.`);
  return {
    publish: publish.map(parsePublish),
    environment,
    volumes: volume,
    networks: network.map((name) => ({ name, aliases: [] })),
    restart: restartPolicy(restart),
    options: words,
    command: [],
  };
}

function wishesOf(flags: DeployFlags, run: RunArguments): ReleaseWishes {
  const { healthPort, healthPath, healthHost = "localhost", health, beforeSwitch } = flags;
  if (!/^\/[!-~]*$/.test(healthPath))
    throw wrong(
      `--health-path ${JSON.stringify(healthPath)} is no path: it begins with /, and has no blanks.`,
    );
  if (!/^[!-~]+$/.test(healthHost))
    throw wrong(`--health-host ${JSON.stringify(healthHost)} is no host.`);
  const seconds = whole(flags.timeout, "--timeout");
  if (seconds > 255) throw wrong(`--timeout ${seconds} is too long: 255 s at most.`);
  return {
    run,
    ...(healthPort === undefined ? {} : { port: portNumber(healthPort, "--health-port", command) }),
    ...(health ? { health: { path: healthPath, host: healthHost, seconds } } : {}),
    goodAnswers: whole(flags.answers, "--answers"),
    startSeconds: secondsOf(flags.startTimeout, "--start-timeout"),
    bakeSeconds: secondsOf(flags.bake, "--bake"),
    ...strategyOf(flags.strategy),
    isSingleWriter: flags.singleWriter,
    ...(beforeSwitch === undefined
      ? {}
      : {
          beforeSwitch: {
            command: ["/bin/sh", "-c", beforeSwitch],
            seconds: secondsOf(flags.hookTimeout, "--hook-timeout"),
          },
        }),
  };
}

function strategyOf(text: string | undefined): { readonly strategy?: Strategy } {
  if (text === undefined) return {};
  const strategy = strategies.find((one) => one === text);
  if (strategy !== undefined) return { strategy };
  throw wrong(`--strategy ${text} is none: ${strategies.join(", ")}.`);
}

/** `80:8080`, `127.0.0.1:80:8080/udp`, `[::1]:80:8080`: one port of the server for one of the container. @throws USAGE */
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
  throw wrong(`--restart ${text} is none: no, always, unless-stopped, on-failure[:N].`);
}

function secondsOf(text: string, flag: string): number {
  return Math.ceil(parseSpan(text, flag, command) / 1_000);
}

function whole(value: number, flag: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw wrong(`${flag} ${value} is no number of them: 1 or more.`);
}

async function readText(file: string): Promise<string> {
  return await readFile(file, "utf8");
}

function wrong(problem: string) {
  return fail("USAGE", { problem, command });
}
