/** A project's own words: compose.yaml, as Compose understands it, with its `x-transship` blocks, as one typed Config. */
import type { ServiceBuild } from "../build/services.ts";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { ParsedSource, Way } from "./locate.ts";
import type { Model, ModelBuild } from "./model.ts";
import { configFailure, type Problem } from "./problem.ts";
import { placedText, readBlock, readComposeProject } from "./project.ts";
import type { Settings } from "./schema.ts";
import { ignoredKeys, serviceBuild } from "./service.ts";
import { buildsSomething, misspelledBlocks } from "./sources.ts";

export interface Config {
  /** Compose's name of the project. */
  readonly project: string;
  /** The files that were read, as they were named. */
  readonly files: readonly string[];
  /** Those that have a build section and are active, or were asked for. */
  readonly services: readonly ServiceBuild[];
  /** The block at the top. */
  readonly settings: Settings;
}

/**
 * Reads the project of the working directory. `wanted` names services, and takes them out of an inactive profile; with none it is all
 * that are active. `undefined` where there is no such file, or none that builds anything: Compose is then not even asked.
 * @throws COMPOSE_MISSING, COMPOSE_INVALID, CONFIG_INVALID, SERVICE_UNKNOWN
 */
export async function readConfig(
  wanted: readonly string[],
  context: Pick<Context, "docker" | "report" | "env">,
): Promise<Config | undefined> {
  const project = await readComposeProject(
    {
      wanted,
      isWorthAsking: buildsSomething,
      canBeNamed: ({ build }) => build !== undefined,
    },
    context,
  );
  if (project === undefined) return undefined;
  const { files, sources, model } = project;
  const { report, env } = context;
  const read = configOf(model, { sources, env, directory: process.cwd() });
  if (read.problems.length > 0) throw configFailure(read.problems, sources);
  const { services, settings } = read;
  if (services.length === 0) return undefined;
  for (const text of [...misspelledBlocks(sources), ...read.warnings])
    report({ kind: "warning", text });
  return { project: model.name, files, services: chosen(services, wanted, model), settings };
}

interface Surroundings {
  readonly sources: readonly ParsedSource[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/** Everything of the model that concerns us, with all that is wrong with it. */
function configOf(model: Model, { sources, env, directory }: Surroundings) {
  const top = readBlock(model["x-transship"], ["x-transship"]);
  const problems: Problem[] = [...top.problems];
  const warnings: string[] = [];
  const services: ServiceBuild[] = [];
  for (const [name, { build, "x-transship": block }] of Object.entries(model.services)) {
    const way = ["services", name];
    const own = readBlock(block, [...way, "x-transship"]);
    problems.push(...own.problems);
    if (build === undefined || top.problems.length + own.problems.length > 0) continue;
    const question = { name, model, build, own: own.settings, shared: top.settings };
    const answer = serviceBuild({ ...question, env, directory });
    problems.push(...answer.problems);
    services.push(answer.service);
    warnings.push(...warningsOf(build, way, sources));
  }
  return { settings: top.settings, services, problems, warnings };
}

function warningsOf(build: ModelBuild, way: Way, sources: readonly ParsedSource[]) {
  return ignoredKeys(build).map((key) => {
    const text = `build.${key} changes nothing here: Transship gives an image its one name, and builds for Linux.`;
    return placedText({ way: [...way, "build", key], at: "key", text }, sources);
  });
}

/** Those that were asked for and what they are built on, else all. */
function chosen(
  services: readonly ServiceBuild[],
  wanted: readonly string[],
  model: Model,
): readonly ServiceBuild[] {
  if (wanted.length === 0) return services;
  const known = services.map(({ name }) => name);
  const names = new Set<string>();
  const add = (service: string) => {
    if (names.has(service)) return;
    names.add(service);
    const found = services.find(({ name }) => name === service);
    const problem =
      model.services[service] === undefined
        ? "there is none of that name"
        : "it has no build section";
    if (found === undefined) throw fail("SERVICE_UNKNOWN", { service, problem, known });
    for (const need of found.needs) add(need.service);
  };
  for (const name of wanted) add(name);
  return services.filter(({ name }) => names.has(name));
}
