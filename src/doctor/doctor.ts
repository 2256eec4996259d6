/** `transship doctor`: the whole way of a tiny image on this machine, for each platform, and nothing left of it. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "../build/build.ts";
import { defaultBuilder, findBuilder, isRunning } from "../builder/builder.ts";
import { testImage } from "../compat/compat.ts";
import type { Context } from "../context.ts";
import { engineFacts } from "../engine/facts.ts";
import { removeImageArgs } from "../engine/images.ts";
import { fail } from "../errors.ts";
import { parseSubject } from "../image/subject.ts";
import {
  formatPlatform,
  parsePlatform,
  type Platform,
  platformSuffix,
} from "../platform/platform.ts";
import { makeTemporaryDirectory, removeDirectory } from "../process/temporary.ts";
import { probeProgram } from "../probe/program.ts";
import { verify } from "../verify/verify.ts";
import { type Component, notTried, type Tried, tryComponent } from "./component.ts";
import {
  countRemains,
  describeRemains,
  findRemains,
  noRemains,
  removeRemains,
  type Remains,
} from "./remains.ts";
import { serviceProgram } from "./service.ts";

export type { Component } from "./component.ts";

export interface DoctorOptions {
  /** Default linux/amd64 and linux/arm64. */
  readonly platforms?: readonly Platform[];
  /** Default multiarch-builder. */
  readonly builder?: string;
  /** Remove what earlier runs left, and try nothing. */
  readonly clean?: boolean;
}

export interface DoctorResult {
  readonly verdict: "passed" | "failed";
  readonly components: readonly Component[];
  /** What earlier runs had left: removed with `clean`, else only found. */
  readonly remains: Remains;
}

const defaultPlatforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);

/** @throws INTERRUPTED, TERMINATED; with `clean` the engine's errors: any other failure is a component's */
export async function doctor(options: DoctorOptions, context: Context): Promise<DoctorResult> {
  if (options.clean === true) return await clean(context);
  const engine = await tryComponent({ id: "engine" }, async () => await tryEngine(context));
  const name = options.builder ?? defaultBuilder;
  const builder =
    engine.status === "pass"
      ? await tryComponent({ id: "builder" }, async () => await tryBuilder(name, context))
      : notTried({ id: "builder" }, "no engine answers");
  const platforms = options.platforms ?? defaultPlatforms;
  const tried =
    engine.status === "pass"
      ? await tryPlatforms(platforms, name, builder.status === "pass", context)
      : platforms.flatMap((platform) =>
          untried(platform, ["build", "verify", "test"], "no engine answers"),
        );
  const left = engine.status === "pass" ? await findRemains(context) : noRemains;
  const components = [engine, builder, ...tried];
  const isWhole = components.every(({ status }) => status === "pass");
  return { verdict: isWhole ? "passed" : "failed", components, remains: left };
}

async function clean(context: Context): Promise<DoctorResult> {
  const remains = await findRemains(context);
  await removeRemains(remains, context);
  return { verdict: "passed", components: [], remains };
}

async function tryEngine({ docker }: Context): Promise<Tried> {
  const { serverVersion, platform, imageStore, buildxVersion } = await engineFacts(docker);
  if (buildxVersion === undefined) throw fail("BUILDX_MISSING", { engine: "docker" });
  const detail = `Docker Engine ${serverVersion} on ${formatPlatform(platform)}, ${imageStore} image store, buildx ${buildxVersion}`;
  return { status: "pass", detail };
}

async function tryBuilder(name: string, { docker }: Context): Promise<Tried> {
  const found = await findBuilder(name, docker);
  const fix = name === defaultBuilder ? "transship setup" : `transship setup --builder ${name}`;
  if (found === undefined) return { status: "fail", detail: `there is no builder ${name}`, fix };
  const version = found.nodes[0]?.version;
  const detail = `${name} (${found.driver}${version === undefined ? "" : `, BuildKit ${version}`})`;
  // One that rests is started by the build.
  return isRunning(found) || found.nodes.every(({ error }) => error === undefined)
    ? { status: "pass", detail }
    : { status: "fail", detail: `${detail} cannot be reached`, fix };
}

/** All in a directory of their own, store included, which goes with them. */
async function tryPlatforms(
  platforms: readonly Platform[],
  builder: string,
  hasBuilder: boolean,
  context: Context,
): Promise<readonly Component[]> {
  const directory = await makeTemporaryDirectory("doctor");
  const quiet = { ...context, report: quietly(context) };
  const components: Component[] = [];
  try {
    for (const platform of platforms) {
      const named = hasBuilder ? { builder } : {};
      components.push(...(await tryPlatform(platform, directory, named, quiet)));
    }
  } finally {
    await removeDirectory(directory);
    components.push(
      await tryComponent({ id: "cleanup" }, async () => await tryCleanup(platforms, context)),
    );
  }
  return components;
}

/** The talk of the verbs that are tried is for who looks for something. */
function quietly({ report }: Context): Context["report"] {
  return (event) => {
    if (event.kind === "command") report({ kind: "detail", text: `$ ${event.argv.join(" ")}` });
    else if (event.kind === "output") report({ kind: "detail", text: event.line });
    else if (event.kind === "note" || event.kind === "detail")
      report({ kind: "detail", text: event.text });
  };
}

function imageOf(platform: Platform, runId: string): string {
  return `transship/doctor:${runId}-${platformSuffix(platform)}`;
}

async function tryPlatform(
  platform: Platform,
  directory: string,
  named: { readonly builder?: string },
  context: Context,
): Promise<readonly Component[]> {
  const [service, probe] = [serviceProgram(platform), probeProgram(platform)];
  const platformName = formatPlatform(platform);
  const parts = ["build", "verify", "test"];
  if (service === undefined || probe === undefined)
    return untried(platform, parts, "there is no test program for it");
  const sources = path.join(directory, platformSuffix(platform));
  const store = path.join(directory, "store");
  const image = imageOf(platform, context.runId);
  const built = await tryComponent({ id: "build", platform: platformName }, async () => {
    await writeSources(sources, { probe, service });
    const result = await build(
      { ...named, image, platforms: [platform], context: sources, store, noCache: true },
      context,
    );
    const [one] = result.platforms;
    const how = one?.execution === "emulated" ? "emulated" : "natively";
    return {
      status: "pass",
      detail: `a tiny service, one step of it run ${how}; ${result.loaded[0]?.label ?? ""} in the engine`,
    };
  });
  if (built.status !== "pass")
    return [built, ...untried(platform, parts.slice(1), "nothing was built")];
  const verified = await tryComponent({ id: "verify", platform: platformName }, async () => {
    const { verdict, platforms } = await verify(
      { subject: parseSubject(image), platforms: [platform], store },
      context,
    );
    const finding = platforms[0]?.findings[0]?.message;
    return verdict === "refuted"
      ? { status: "fail", detail: finding ?? verdict }
      : { status: "pass", detail: `${verdict}: its label and its program are for ${platformName}` };
  });
  const tested = await tryComponent(
    { id: "test", platform: platformName },
    async () => await tryTest(image, platform, context),
  );
  return [built, verified, tested];
}

async function writeSources(
  directory: string,
  { probe, service }: { readonly probe: Uint8Array; readonly service: Uint8Array },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  // The step proves that the builder runs the platform's programs: natively, or by its emulator.
  const dockerfile = [
    "FROM scratch",
    "COPY --chmod=755 probe /probe",
    'RUN ["/probe"]',
    "COPY --chmod=755 service /service",
    "EXPOSE 8080",
    'ENTRYPOINT ["/service"]',
    "",
  ].join("\n");
  await writeFile(path.join(directory, "Dockerfile"), dockerfile);
  await writeFile(path.join(directory, "probe"), probe);
  await writeFile(path.join(directory, "service"), service);
}

async function tryTest(image: string, platform: Platform, context: Context): Promise<Tried> {
  const result = await testImage({ image, platform }, context);
  const passed = result.checks.filter(({ status }) => status === "pass").length;
  const how = result.emulated
    ? `emulated by ${result.emulator ?? "an emulator without a name"}`
    : "native";
  const bad = result.checks.find(({ status }) => status !== "pass");
  const detail = `${passed}/${result.checks.length} categories, ${how}`;
  return passed === result.checks.length
    ? { status: "pass", detail }
    : { status: "fail", detail: `${detail}; ${bad?.id ?? ""}: ${bad?.detail ?? ""}` };
}

/** Removes what the platforms' images are called, and looks whether anything of this run is left. */
async function tryCleanup(platforms: readonly Platform[], context: Context): Promise<Tried> {
  const { docker, runId } = context;
  // Also after an interrupt: the signal that ended the rest must not end this.
  const late = { signal: AbortSignal.timeout(30_000) };
  const images = platforms.map((platform) => imageOf(platform, runId));
  await docker.attempt(removeImageArgs(...images), late);
  if (context.signal.aborted) return { status: "skip", detail: "interrupted" };
  const left = await findRemains(context, runId);
  return countRemains(left) === 0
    ? { status: "pass", detail: "no container, no image and no file is left" }
    : {
        status: "fail",
        detail: `left behind: ${describeRemains(left)}`,
        fix: "transship doctor --clean",
      };
}

function untried(platform: Platform, ids: readonly string[], reason: string): readonly Component[] {
  return ids.map((id) => notTried({ id, platform: formatPlatform(platform) }, reason));
}
