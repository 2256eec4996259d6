/** A project's own words: compose.yaml, as Compose understands it, with its `x-transship` blocks, as one typed Config. */
import type { ServiceBuild } from "../build/services.ts";
import type { Context } from "../context.ts";
import { composeModel } from "../engine/compose.ts";
import { fail } from "../errors.ts";
import { composeFileNames, readSources } from "./files.ts";
import { locate, type ParsedSource, parseSource, type Way } from "./locate.ts";
import { type Model, type ModelBuild, parseModel } from "./model.ts";
import { configFailure, type Problem, problemsOf } from "./problem.ts";
import { placed } from "./refusal.ts";
import { type Settings, settings as schema } from "./schema.ts";
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
  const files = await composeFileNames(context.env);
  if (files.length === 0) return undefined;
  const sources = (await readSources(files)).map(parseSource);
  if (sources.length === files.length && !sources.some(buildsSomething)) return undefined;
  const model = await askCompose(files.join(", "), wanted, context).catch((error: unknown) => {
    throw placed(error, sources);
  });
  const { report, env } = context;
  const read = configOf(model, { sources, env, directory: process.cwd() });
  if (read.problems.length > 0) throw configFailure(read.problems, sources);
  const { services, settings } = read;
  if (services.length === 0) return undefined;
  for (const text of [...misspelledBlocks(sources), ...read.warnings])
    report({ kind: "warning", text });
  return { project: model.name, files, services: chosen(services, wanted, model), settings };
}

/** Asked without names first, because those leave out what the named ones are built on. */
async function askCompose(
  file: string,
  wanted: readonly string[],
  { docker, report }: Pick<Context, "docker" | "report">,
): Promise<Model> {
  const all = await composeModel({ file, services: [] }, docker);
  for (const text of all.warnings) report({ kind: "warning", text });
  const model = parseModel(all.yaml, file);
  const held = wanted.filter((name) => model.services[name] === undefined);
  if (held.length === 0) return model;
  const known = Object.keys(model.services).filter((name) => model.services[name]?.build);
  const { yaml } = await composeModel({ file, services: held, known }, docker);
  const more = parseModel(yaml, file);
  return {
    ...model,
    services: { ...model.services, ...more.services },
    secrets: { ...model.secrets, ...more.secrets },
  };
}

interface Surroundings {
  readonly sources: readonly ParsedSource[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/** Everything of the model that concerns us, with all that is wrong with it. */
function configOf(model: Model, { sources, env, directory }: Surroundings) {
  const top = blockOf(model["x-transship"], ["x-transship"]);
  const problems: Problem[] = [...top.problems];
  const warnings: string[] = [];
  const services: ServiceBuild[] = [];
  for (const [name, { build, "x-transship": block }] of Object.entries(model.services)) {
    const way = ["services", name];
    const own = blockOf(block, [...way, "x-transship"]);
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

function blockOf(block: unknown, way: Way) {
  const parsed = schema.safeParse(block ?? {});
  return parsed.success
    ? { settings: parsed.data, problems: [] }
    : { settings: {}, problems: problemsOf(parsed.error, schema, way) };
}

function warningsOf(build: ModelBuild, way: Way, sources: readonly ParsedSource[]) {
  return ignoredKeys(build).map((key) => {
    const where = locate([...way, "build", key], sources, "key");
    return `${where}: build.${key} changes nothing here: Transship gives an image its one name, and builds for Linux.`;
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
