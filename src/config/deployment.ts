/**
 * What a deploy is of: the services of compose.yaml that are ours to run, each with its image, its container and its settings. Apart
 * from config.ts, because a project that is only built may say much that no server could follow.
 */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Platform } from "../platform/platform.ts";
import { type DeploySettings, deploySettings } from "./deploy-settings.ts";
import type { Model } from "./model.ts";
import { chosenPlatforms } from "./platforms.ts";
import { configFailure, isProblem, type Problem } from "./problem.ts";
import { type ComposeProject, placedText, readBlock, readComposeProject } from "./project.ts";
import { type ServiceRun, serviceRun } from "./run/run.ts";
import type { Settings } from "./schema.ts";
import { imageName } from "./service.ts";
import { misspelledBlocks } from "./sources.ts";

export interface Deployment {
  /** Compose's name of the project. */
  readonly project: string;
  /** The files that were read, as they were named. */
  readonly files: readonly string[];
  /** In Compose's order, which is that of the alphabet. */
  readonly services: readonly DeployedService[];
}

export interface DeployedService extends Pick<
  ServiceRun,
  "run" | "secrets" | "configs" | "dependsOn"
> {
  readonly name: string;
  /** As a build names it, else as it stands in the file. */
  readonly image: string;
  /** Whether the project builds it. */
  readonly isBuilt: boolean;
  /** Those it is built for, or may be run on. */
  readonly platforms: readonly Platform[];
  readonly settings: DeploySettings;
}

/**
 * Reads the project of the working directory, for a deploy of those services that are active and have a build section or an
 * `x-transship` block; `wanted` names others, whatever they have. `undefined` where there is no file, or nothing to deploy. Whoever calls
 * `readConfig` as well is told twice what Compose warns of.
 * @throws COMPOSE_MISSING, COMPOSE_INVALID, CONFIG_INVALID, SERVICE_UNKNOWN
 */
export async function readDeployment(
  wanted: readonly string[],
  context: Pick<Context, "docker" | "report" | "env">,
): Promise<Deployment | undefined> {
  const project = await readComposeProject(
    { wanted, isWorthAsking: () => true, canBeNamed: () => true },
    context,
  );
  if (project === undefined) return undefined;
  const { files, sources, model } = project;
  const names = deployedNames(model, wanted);
  if (names.length === 0) return undefined;
  const top = readBlock(model["x-transship"], ["x-transship"]);
  const read = names.map((name) => deployedService(name, top.settings, project));
  const problems = [...top.problems, ...read.flatMap((one) => one.problems)];
  if (problems.length > 0) throw configFailure(problems, sources);
  const { report } = context;
  const warnings = read.flatMap((one) => one.warnings.map((said) => placedText(said, sources)));
  for (const text of [...misspelledBlocks(sources), ...warnings]) report({ kind: "warning", text });
  for (const said of read.flatMap(({ notes }) => notes))
    report({ kind: "note", text: placedText(said, sources) });
  return { project: model.name, files, services: read.map(({ service }) => service) };
}

function deployedNames(model: Model, wanted: readonly string[]): readonly string[] {
  const names = Object.keys(model.services);
  const stranger = wanted.find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw fail("SERVICE_UNKNOWN", {
      service: stranger,
      problem: "there is none of that name",
      known: names,
    });
  if (wanted.length > 0) return names.filter((name) => wanted.includes(name));
  return names.filter((name) => {
    const service = model.services[name];
    return service?.build !== undefined || service?.["x-transship"] !== undefined;
  });
}

interface Answer extends Pick<ServiceRun, "problems" | "warnings" | "notes"> {
  readonly service: DeployedService;
}

function deployedService(name: string, shared: Settings, project: ComposeProject): Answer {
  const { model, sources, directory, files } = project;
  const way = ["services", name];
  const { build, platform, image, ...others } = model.services[name] ?? {};
  const block = readBlock(others["x-transship"], [...way, "x-transship"]);
  const { settings: own } = block;
  const problems: Problem[] = [...block.problems];
  const valueOf = <Value>(answer: Value | Problem, otherwise: Value): Value => {
    if (!isProblem(answer)) return answer;
    problems.push(answer);
    return otherwise;
  };
  const said = { own: own.platforms, build: build?.platforms ?? [], run: platform };
  const container = serviceRun(name, model, { sources, directory, file: files.join(", ") });
  const { run, secrets, configs, dependsOn, swarm, gracePeriod } = container;
  const service: DeployedService = {
    name,
    image: build === undefined ? (image ?? "") : valueOf(imageName(name, model), ""),
    isBuilt: build !== undefined,
    platforms: valueOf(chosenPlatforms({ ...said, shared: shared.platforms }, way), []),
    settings: deploySettings({ own, shared, swarm, gracePeriod }),
    run,
    secrets,
    configs,
    dependsOn,
  };
  const { warnings, notes } = container;
  return { service, problems: [...problems, ...container.problems], warnings, notes };
}
