/** The services of a project as deploys, each as compose.yaml and the flags before it say. */
import type { ServiceBuild } from "../build/services.ts";
import type { DeployedService } from "../config/deployment.ts";
import type { Context } from "../context.ts";
import type { DeployOptions } from "../deploy/deploy.ts";
import { parseAppName } from "../deploy/names.ts";
import type { RunArguments } from "../deploy/run-arguments.ts";
import type { DeploySource } from "../deploy/source.ts";
import { parseSubject } from "../image/subject.ts";
import type { DeployFlags } from "./commands/deploy.ts";
import {
  command,
  type MoreRun,
  runWith,
  sharedOptions,
  withCertificate,
  testOf,
  wrong,
} from "./deploy-flags.ts";
import { readRunFiles } from "./run-files.ts";
import { namedServers } from "./servers.ts";

/** `undefined` where there is no project. */
export async function projectDeploys(
  wanted: readonly string[],
  flags: DeployFlags,
  more: MoreRun,
  context: Context,
): Promise<readonly DeployOptions[] | undefined> {
  const [{ readDeployment }, { readConfig }] = await Promise.all([
    import("../config/deployment.ts"),
    import("../config/config.ts"),
  ]);
  const project = await readDeployment(wanted, context);
  if (project === undefined) return undefined;
  const { services } = project;
  if (services.length > 1 && (flags.app !== undefined || flags.publish !== undefined))
    throw wrong("--app and --publish are about one service: name it, transship deploy SERVICE.");
  const built = services.filter(({ isBuilt }) => isBuilt).map(({ name }) => name);
  // What it warns of was told already.
  const quiet = { ...context, report: () => {} };
  const config = flags.build && built.length > 0 ? await readConfig(built, quiet) : undefined;
  const names = services.map(({ name }) => name).join(", ");
  context.report({
    kind: "note",
    text: `Read ${project.files.join(", ")}: project ${project.project}, ${names}.`,
  });
  const deployOf = async (service: DeployedService) => {
    const files = await readRunFiles(service, context.env);
    const run = runWith({ ...service.run, files }, flags, more);
    const source = serviceSource({ ...service, run }, config?.services ?? [], flags);
    const plain = serviceDeploy({ project: project.project, service, source, run }, flags);
    return await withCertificate(plain, flags, service.settings);
  };
  return await Promise.all(inTurn(services).map(deployOf));
}

interface ServiceDeploy {
  readonly project: string;
  readonly service: DeployedService;
  readonly source: DeploySource;
  readonly run: RunArguments;
}

function serviceDeploy(
  { project, service: { name, settings }, source, run }: ServiceDeploy,
  flags: DeployFlags,
): DeployOptions {
  return {
    app: parseAppName(flags.app ?? `${project}-${name}`),
    servers: namedServers({ ...flags, to: flags.to ?? settings.servers }, command),
    source,
    ...sharedOptions(flags, settings, run),
  };
}

function serviceSource(
  { name, image, isBuilt, run, settings }: DeployedService,
  builds: readonly ServiceBuild[],
  flags: DeployFlags,
): DeploySource {
  if (!isBuilt || !flags.build) return { kind: "image", subject: parseSubject(image) };
  return { kind: "build", services: builds, name, ...testOf(flags, settings, run) };
}

/** Each behind those that it depends on. */
function inTurn(services: readonly DeployedService[]): readonly DeployedService[] {
  const ordered = new Set<DeployedService>();
  const visited = new Set<string>();
  const visit = (service: DeployedService) => {
    if (visited.has(service.name)) return;
    visited.add(service.name);
    for (const one of services) if (service.dependsOn.includes(one.name)) visit(one);
    ordered.add(service);
  };
  for (const service of services) visit(service);
  return [...ordered];
}
