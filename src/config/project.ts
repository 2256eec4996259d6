/** The project of the working directory: its files, and what Compose makes of them. A build and a deploy read it alike. */
import path from "node:path";
import type { Context } from "../context.ts";
import { composeModel } from "../engine/compose.ts";
import { composeFileNames, readSources } from "./files.ts";
import { locate, type ParsedSource, parseSource } from "./locate.ts";
import { type Model, parseModel } from "./model.ts";
import { type Problem, problemsOf, type Way } from "./problem.ts";
import { placed } from "./refusal.ts";
import { type Settings, settings as schema } from "./schema.ts";

export interface ComposeProject {
  /** The files that were read, as they were named. */
  readonly files: readonly string[];
  readonly sources: readonly ParsedSource[];
  readonly model: Model;
  /** Compose's directory of it, absolute: that of the first file. */
  readonly directory: string;
}

export interface ProjectQuestion {
  /** Services that are taken out of an inactive profile. */
  readonly wanted: readonly string[];
  /** Whether a file may hold what is looked for: without one Compose is not even asked. */
  readonly isWorthAsking: (source: ParsedSource) => boolean;
  /** Whether a service can be named, for whoever named another. */
  readonly canBeNamed: (service: Model["services"][string]) => boolean;
}

/** `undefined` where there is no such file, or none that is worth asking Compose for. @throws COMPOSE_MISSING, COMPOSE_INVALID, SERVICE_UNKNOWN */
export async function readComposeProject(
  question: ProjectQuestion,
  context: Pick<Context, "docker" | "report" | "env">,
): Promise<ComposeProject | undefined> {
  const files = await composeFileNames(context.env);
  const [first] = files;
  if (first === undefined) return undefined;
  const sources = (await readSources(files)).map(parseSource);
  if (sources.length === files.length && !sources.some(question.isWorthAsking)) return undefined;
  const model = await askCompose(files.join(", "), question, context).catch((error: unknown) => {
    throw placed(error, sources);
  });
  return { files, sources, model, directory: path.resolve(path.dirname(first)) };
}

/** Asked without names first, because those leave out what the named ones are built on. */
async function askCompose(
  file: string,
  { wanted, canBeNamed }: ProjectQuestion,
  { docker, report }: Pick<Context, "docker" | "report">,
): Promise<Model> {
  const all = await composeModel({ file, services: [] }, docker);
  for (const text of all.warnings) report({ kind: "warning", text });
  const model = parseModel(all.yaml, file);
  const held = wanted.filter((name) => model.services[name] === undefined);
  if (held.length === 0) return model;
  const services = Object.entries(model.services);
  const known = services.filter(([, service]) => canBeNamed(service)).map(([name]) => name);
  const { yaml } = await composeModel({ file, services: held, known }, docker);
  return merged(model, parseModel(yaml, file));
}

/** Of a service in a profile that is not active the networks and the like are not in the first answer either. */
function merged(model: Model, more: Model): Model {
  return {
    ...model,
    services: { ...model.services, ...more.services },
    secrets: { ...model.secrets, ...more.secrets },
    configs: { ...model.configs, ...more.configs },
    networks: { ...model.networks, ...more.networks },
    volumes: { ...model.volumes, ...more.volumes },
  };
}

/** What stands in an `x-transship` block, with what is wrong with it. */
export function readBlock(
  block: unknown,
  way: Way,
): { readonly settings: Settings; readonly problems: readonly Problem[] } {
  const parsed = schema.safeParse(block ?? {});
  return parsed.success
    ? { settings: parsed.data, problems: [] }
    : { settings: {}, problems: problemsOf(parsed.error, schema, way) };
}

/** A sentence with the place that it is about in front. */
export function placedText({ way, at, text }: Problem, sources: readonly ParsedSource[]): string {
  return `${locate(way, sources, at)}: ${text}`;
}
