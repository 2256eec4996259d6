/** What the words and flags of `transship deploy` ask for: an image, what a Dockerfile builds, or a project's services. */
import { readFile } from "node:fs/promises";
import type { ServiceBuild } from "../build/services.ts";
import type { Context } from "../context.ts";
import type { AttachOptions } from "../deploy/attach.ts";
import type { DeployOptions } from "../deploy/deploy.ts";
import { plainRun } from "../deploy/run-arguments.ts";
import { type DeploySource, sourceName } from "../deploy/source.ts";
import { parseSubject } from "../image/subject.ts";
import { readReference } from "../oci/reference.ts";
import type { DeployFlags } from "./commands/deploy.ts";
import {
  command,
  keepOf,
  type MoreRun,
  runWith,
  sharedOptions,
  withCertificate,
  testOf,
  wrong,
} from "./deploy-flags.ts";
import { projectDeploys } from "./deploy-project.ts";
import { environmentOf } from "./environment.ts";
import { namedApp, namedServers } from "./servers.ts";

/**
 * One for each app, in the order in which they are deployed.
 * @throws USAGE, SUBJECT_INVALID, SERVER_INVALID, APP_INVALID, RELEASE_INVALID, the errors of reading a project's file
 */
export async function readDeploys(
  words: readonly string[],
  flags: DeployFlags,
  context: Context,
): Promise<readonly DeployOptions[]> {
  const end = words.findIndex((word) => word.startsWith("-"));
  const wanted = end === -1 ? words : words.slice(0, end);
  const environment = await environmentOf(flags, {
    env: context.env,
    read: async (file) => await readFile(file, "utf8"),
    command,
  });
  const more = { environment, options: words.slice(wanted.length) };
  const [stray] = wanted;
  if (flags.image !== undefined) {
    if (stray !== undefined)
      throw wrong(
        `An image is named (--image), and "${stray}" would be a service of compose.yaml.`,
      );
    const source: DeploySource = { kind: "image", subject: parseSubject(flags.image) };
    return [await withCertificate(plainDeploy(source, flags, more), flags, {})];
  }
  const services = await projectDeploys(wanted, flags, more, context);
  if (services !== undefined) return services;
  if (stray !== undefined)
    throw wrong(`"${stray}" is no flag, and there is no compose.yaml that has such a service.`);
  return [
    await withCertificate(plainDeploy(dockerfileSource(flags, more), flags, more), flags, {}),
  ];
}

function plainDeploy(source: DeploySource, flags: DeployFlags, more: MoreRun): DeployOptions {
  const { name = sourceName(source) } = flags;
  const repository = readReference(name)?.repository;
  return {
    app: namedApp(flags.app, repository, command),
    servers: namedServers(flags, command),
    source,
    ...sharedOptions(flags, {}, runWith(plainRun, flags, more)),
  };
}

/** What `transship build` would build here. */
function dockerfileSource(flags: DeployFlags, more: MoreRun): DeploySource {
  const name = "rustci";
  if (!flags.build) return { kind: "image", subject: parseSubject(`${name}:local-amd64`) };
  const service: ServiceBuild = { name, options: { image: name }, needs: [] };
  return { kind: "build", services: [service], name, ...testOf(flags, {}, more) };
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
  const keep = keepOf(flags, {});
  return {
    app: namedApp(app, repository, command),
    server,
    ...(keep === undefined ? {} : { keep }),
  };
}
