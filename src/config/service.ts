/** One service of compose.yaml, as a build is asked for it. */
import type { ServiceBuild } from "../build/services.ts";
import { buildSettingArgs, secretSpec } from "../engine/build-settings.ts";
import { isFailure } from "../errors.ts";
import { familiarName, parseReference, readReference, tagged } from "../oci/reference.ts";
import { parseCpuLevel } from "../verify/cpu.ts";
import type { Model, ModelBuild } from "./model.ts";
import { dockerfilePath, shownPath } from "./paths.ts";
import { chosenPlatforms } from "./platforms.ts";
import { isProblem, type Problem } from "./problem.ts";
import type { Settings } from "./schema.ts";
import { toWaiver } from "./waivers.ts";

export interface ServiceQuestion {
  readonly name: string;
  readonly model: Model;
  readonly build: ModelBuild;
  /** The service's own block, and the one at the top. */
  readonly own: Settings;
  readonly shared: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute: paths in it are shown from there. */
  readonly directory: string;
}

export interface ServiceAnswer {
  readonly service: ServiceBuild;
  /** Why the service is not to be built as it stands there. */
  readonly problems: readonly Problem[];
}

export function serviceBuild(question: ServiceQuestion): ServiceAnswer {
  const { name, model, build, own, shared, directory } = question;
  const problems: Problem[] = [];
  const valueOf = <Value>(answer: Value | Problem, otherwise: Value): Value => {
    if (!isProblem(answer)) return answer;
    problems.push(answer);
    return otherwise;
  };
  const run = model.services[name]?.platform;
  const said = { own: own.platforms, build: build.platforms, run, shared: shared.platforms };
  const named = namedContexts(question);
  const service: ServiceBuild = {
    name,
    ...(build.dockerfile_inline === undefined ? {} : { inlineDockerfile: build.dockerfile_inline }),
    needs: named.needs,
    options: {
      image: valueOf(imageName(name, model), ""),
      platforms: valueOf(chosenPlatforms(said, ["services", name]), []),
      context: shownPath(build.context, directory),
      dockerfile: dockerfilePath(build, directory),
      ...(build.target === undefined ? {} : { target: build.target }),
      buildArgs: assignments(build.args),
      secrets: build.secrets.map((secret) => valueOf(secretOf(secret, question), "")),
      // Compose 2.40 writes an agent's socket as `id: path`, and the agents in any order.
      ssh: build.ssh.map((agent) => agent.replace(/^([^=:]+): /, "$1=")).toSorted(),
      buildContexts: named.contexts,
      cacheFrom: nonEmpty(own.cache?.from, build.cache_from, shared.cache?.from),
      cacheTo: nonEmpty(own.cache?.to, build.cache_to, shared.cache?.to),
      noCache: build.no_cache,
      passthrough: settingArgs(build),
      waivers: [...(shared.waivers ?? []), ...(own.waivers ?? [])].map(toWaiver),
      ...ownOptions({ ...shared, ...own }),
      ...valueOf(registryOf(question), {}),
    },
  };
  return { service, problems };
}

/** Keys of a build section that change nothing here, whatever they say. */
export function ignoredKeys({ tags, isolation }: ModelBuild): readonly string[] {
  return [...(tags.length > 0 ? ["tags"] : []), ...(isolation === undefined ? [] : ["isolation"])];
}

/** The name under which `docker compose up` looks for it; `<project>-<service>` where it has none. */
export function imageName(name: string, model: Model): string | Problem {
  const written = model.services[name]?.image;
  const way = ["services", name, ...(written === undefined ? [] : ["image"])];
  try {
    const reference = parseReference(written ?? `${model.name}-${name}`);
    if (reference.digest === undefined) return familiarName(tagged(reference));
    const text = `The image ${written} carries a digest, and is to be built: leave out one or the other.`;
    return { way, at: "value", text };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { way, at: "value", text: error.message };
  }
}

/** An image that names its registry goes there: what the top says is for the others. */
function registryOf({
  name,
  model,
  own,
  shared,
}: ServiceQuestion): { readonly registry?: string } | Problem {
  const registry = own.registry ?? shared.registry;
  const written = readReference(model.services[name]?.image ?? "");
  const isNamed = written !== undefined && written.registry !== "docker.io";
  if (registry === undefined || (isNamed && own.registry === undefined)) return {};
  if (!isNamed) return { registry };
  const text = `The image ${familiarName(written)} names its registry itself: leave one of them out.`;
  return { way: ["services", name, "x-transship", "registry"], at: "value", text };
}

/** Contexts by name: of files, images and layouts, and those that are images of other services. */
function namedContexts({ build, directory }: ServiceQuestion) {
  const needs: { readonly name: string; readonly service: string }[] = [];
  const contexts: string[] = [];
  for (const [name, value] of Object.entries(build.additional_contexts)) {
    const service = /^service:(.+)/.exec(value)?.[1];
    if (service === undefined) contexts.push(`${name}=${shownPath(value, directory)}`);
    else needs.push({ name, service });
  }
  return { needs, contexts };
}

function assignments(args: ModelBuild["args"]): readonly string[] {
  return Object.entries(args).map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

/** Where the secret is, never what it is. Its id is Compose's (docker/compose, pkg/compose/build.go). */
function secretOf(
  { source, target }: ModelBuild["secrets"][number],
  { name, model, env, directory }: ServiceQuestion,
): string | Problem {
  const id = target ?? source;
  const { file, environment } = model.secrets[source] ?? {};
  if (file !== undefined) return secretSpec(id, { file: shownPath(file, directory) });
  if (environment !== undefined && env[environment] !== undefined)
    return secretSpec(id, { variable: environment });
  const text =
    environment === undefined
      ? `The secret ${source} comes from neither a file nor a variable, and a build knows no other.`
      : `The secret ${source} comes from the variable ${environment}, which is not set: export ${environment} (.env is not where buildx looks).`;
  return { way: ["services", name, "build", "secrets"], at: "value", text };
}

function nonEmpty(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return lists.find((list) => list !== undefined && list.length > 0) ?? [];
}

function ownOptions({ builder, cpu, push, no_emulation: isNative }: Settings) {
  return {
    ...(isNative === undefined ? {} : { emulation: !isNative }),
    ...(builder === undefined ? {} : { builder }),
    ...(cpu === undefined ? {} : { cpu: parseCpuLevel(cpu) }),
    ...(push === undefined ? {} : { push }),
  };
}

function settingArgs(build: ModelBuild): readonly string[] {
  const { labels, network, shm_size: shmSize, provenance, sbom, ulimits, pull } = build;
  const privileged = build.privileged ? ["security.insecure"] : [];
  return buildSettingArgs({
    labels,
    pull,
    ulimits,
    extraHosts: build.extra_hosts,
    entitlements: [...new Set([...build.entitlements, ...privileged])],
    ...(network === undefined ? {} : { network }),
    ...(shmSize === undefined ? {} : { shmSize }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(sbom === undefined ? {} : { sbom }),
  });
}
