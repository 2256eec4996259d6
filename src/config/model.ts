/**
 * What Compose answers, as far as a build needs it (github.com/compose-spec/compose-spec, build.md). Everything else of a service is
 * kept as it stands there, `environment` among it, and read by a deploy alone (run/).
 */
import { parseDocument } from "yaml";
import * as z from "zod";
import { fail } from "../errors.ts";

/** Numbers and truth values are texts to a build. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const list = z.array(z.string()).default([]);
const ulimit = z
  .union([z.int(), z.object({ soft: z.int(), hard: z.int() })])
  .transform((limit) => (typeof limit === "number" ? `${limit}` : `${limit.soft}:${limit.hard}`));

const build = z.object({
  /** Absolute, or an address. */
  context: z.string(),
  dockerfile: z.string().optional(),
  dockerfile_inline: z.string().optional(),
  target: z.string().optional(),
  args: z.record(z.string(), scalar.nullable()).default({}),
  secrets: z.array(z.object({ source: z.string(), target: z.string().optional() })).default([]),
  ssh: list,
  additional_contexts: z.record(z.string(), z.string()).default({}),
  cache_from: list,
  cache_to: list,
  platforms: list,
  no_cache: z.boolean().default(false),
  labels: z.record(z.string(), scalar).default({}),
  network: z.string().optional(),
  extra_hosts: list,
  pull: z.boolean().default(false),
  shm_size: scalar.optional(),
  ulimits: z.record(z.string(), ulimit).default({}),
  entitlements: list,
  privileged: z.boolean().default(false),
  provenance: scalar.optional(),
  sbom: scalar.optional(),
  tags: list,
  isolation: z.string().optional(),
});

const service = z.looseObject({
  image: z.string().optional(),
  platform: z.string().optional(),
  build: build.optional(),
  "x-transship": z.unknown().optional(),
});

const model = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service).default({}),
  secrets: z
    .record(
      z.string(),
      z.looseObject({ file: z.string().optional(), environment: z.string().optional() }),
    )
    .default({}),
  configs: z.record(z.string(), z.unknown()).default({}),
  networks: z.record(z.string(), z.unknown()).default({}),
  volumes: z.record(z.string(), z.unknown()).default({}),
  "x-transship": z.unknown().optional(),
});

export type Model = z.output<typeof model>;
export type ModelBuild = z.output<typeof build>;

/** @throws COMPOSE_INVALID where it has another shape than the specification's */
export function parseModel(yaml: string, file: string): Model {
  const document = parseDocument(yaml, { schema: "core", logLevel: "silent" });
  const [broken] = document.errors;
  if (broken !== undefined) throw otherForm(file, broken.message);
  // Compose writes no aliases.
  return readAs(model, document.toJS({ maxAliasCount: 0 }), file);
}

/** @throws COMPOSE_INVALID where it is something else */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  file: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw otherForm(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

function otherForm(file: string, what: string) {
  const problem = `its answer has another form than is known (${what}).`;
  return fail("COMPOSE_INVALID", { file, problem });
}
