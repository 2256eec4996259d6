/** `transship build` without an image of its own: the project of the working directory, and the flags that go before its file. */
import type { BuildOptions } from "../build/build.ts";
import type { ServiceBuild } from "../build/services.ts";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { familiarName, parseReference, withTag } from "../oci/reference.ts";
import type { ProjectResult } from "../report/services.ts";
import type { BuildFlags } from "./commands/build.ts";
import { parsePlatforms } from "./platforms.ts";
import { proofOptions } from "./proof.ts";

export interface Project {
  readonly name: string;
  /** The compose files that were read. */
  readonly files: readonly string[];
  readonly services: readonly ServiceBuild[];
}

/**
 * The project, with what the flags say in place of what its file says; `undefined` where the flags name an image, or no file builds
 * one. `words` are the positional ones: services, and from the first flag on what is handed to buildx.
 * @throws USAGE, the errors of reading a project's file
 */
export async function readProject(
  flags: BuildFlags,
  words: readonly string[],
  context: Context,
): Promise<Project | undefined> {
  const end = words.findIndex((word) => word.startsWith("-"));
  const wanted = end === -1 ? words : words.slice(0, end);
  const { readConfig } = await import("../config/config.ts");
  const config = namesImage(flags) ? undefined : await readConfig(wanted, context);
  const [stray] = wanted;
  if (config === undefined && stray !== undefined) {
    const problem = `"${stray}" is no flag; the build context is named by --context ${stray}.`;
    throw fail("USAGE", { problem, command: "transship build" });
  }
  if (config === undefined) return undefined;
  const { project: name, files, services } = config;
  const built = services.map((service) => service.name).join(", ");
  context.report({ kind: "note", text: `Read ${files.join(", ")}: project ${name}, ${built}.` });
  const proof = await proofWishes(flags);
  const passthrough = words.slice(wanted.length);
  return {
    name,
    files,
    services: services.map((service): ServiceBuild => {
      const options = { ...withFlags(service.options, flags, passthrough), ...proof };
      return Object.assign({}, service, { options });
    }),
  };
}

function namesImage({ image, context, dockerfile }: BuildFlags): boolean {
  return [image, context, dockerfile].some((flag) => flag !== undefined);
}

/** What the build is of, before anything is read; `undefined` where no file says it. */
export async function projectSubject(
  flags: BuildFlags,
  env: Context["env"],
): Promise<string | undefined> {
  if (namesImage(flags)) return undefined;
  const { composeFileNames } = await import("../config/files.ts");
  return (await composeFileNames(env))[0];
}

export async function buildProject(project: Project, context: Context): Promise<ProjectResult> {
  const { buildServices } = await import("../build/services.ts");
  const { name, files, services } = project;
  return { project: name, files, outcomes: await buildServices(services, context) };
}

/** The processor and the waivers, where flags name them. */
async function proofWishes({ cpu, waivers }: BuildFlags) {
  if (cpu === undefined && waivers === undefined) return {};
  const { waivers: read, ...rest } = await proofOptions("transship build", { cpu, waivers });
  return { ...rest, ...(waivers === undefined ? {} : { waivers: read }) };
}

/** Lists are added to those of the file, and go before them where buildx takes the last; the cache is replaced as a whole. */
export function withFlags(
  options: BuildOptions,
  flags: BuildFlags,
  passthrough: readonly string[],
): BuildOptions {
  const { tag, platform, push, registry, target, builder, store, cacheFrom, cacheTo } = flags;
  return {
    ...options,
    ...(tag === undefined ? {} : { image: retagged(options.image ?? "", tag) }),
    ...(platform === undefined ? {} : { platforms: parsePlatforms(platform) }),
    ...(push === undefined ? {} : { push }),
    ...(registry === undefined ? {} : { registry }),
    ...(target === undefined ? {} : { target }),
    ...(builder === undefined ? {} : { builder }),
    ...(store === undefined ? {} : { store }),
    ...(cacheFrom === undefined ? {} : { cacheFrom }),
    ...(cacheTo === undefined ? {} : { cacheTo }),
    buildArgs: [...(options.buildArgs ?? []), ...(flags.buildArg ?? [])],
    secrets: [...(options.secrets ?? []), ...(flags.secret ?? [])],
    ssh: [...(options.ssh ?? []), ...(flags.ssh ?? [])],
    buildContexts: [...(options.buildContexts ?? []), ...(flags.buildContext ?? [])],
    passthrough: [...(options.passthrough ?? []), ...passthrough],
    noCache: options.noCache === true || !flags.cache,
    load: flags.load,
    explainEmulation: flags.explainEmulation,
    emulation: options.emulation !== false && flags.emulation,
    progress: flags.progress === "rawjson" ? "rawjson" : "steps",
    loadAnyway: flags.loadAnyway,
    dryRun: flags.dryRun,
  };
}

function retagged(image: string, tag: string): string {
  return familiarName(withTag(parseReference(image), tag));
}

/** The services that a word may name, from the files alone: a shell does not wait for Compose. None where they cannot be read. */
export async function proposeServices(
  partial: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const [{ composeFileNames, readSources }, { parseSource }, { builtServices }] = await Promise.all(
    [import("../config/files.ts"), import("../config/locate.ts"), import("../config/sources.ts")],
  );
  const sources = await readSources(await composeFileNames(env)).catch(() => []);
  return builtServices(sources.map(parseSource)).filter((name) => name.startsWith(partial));
}
