/** `transship test`: runs an image and looks at it in seven categories. */
import type { Context } from "../context.ts";
import { type ContainerProcess, inspectContainer, listProcesses } from "../engine/containers.ts";
import { type EngineFacts, engineFacts, engineHost } from "../engine/facts.ts";
import { type EngineImage, findImage } from "../engine/images.ts";
import { fail } from "../errors.ts";
import { formatPlatform, type Platform, platformOf, samePlatform } from "../platform/platform.ts";
import {
  type Check,
  type CheckId,
  checkIds,
  failed,
  pass,
  skipped,
  timed,
  verdictOf,
} from "./check.ts";
import { type Container, withContainer } from "./container.ts";
import { checkHealth } from "./health.ts";
import { checkMachine, type Machine } from "./machine.ts";
import { checkNetwork } from "./network.ts";
import { judgeProcesses } from "./processes.ts";
import { type Started, waitUntilReady } from "./readiness.ts";
import { servicePort, type TestOptions, type TestRequest, testRequest } from "./request.ts";
import { checkResources } from "./resources.ts";

export type { Check } from "./check.ts";
export type { TestOptions } from "./request.ts";

export interface TestResult {
  readonly image: string;
  readonly platform: Platform;
  readonly verdict: "passed" | "failed";
  readonly emulated: boolean;
  /** What emulates; absent where nothing does or it cannot be named. */
  readonly emulator?: string;
  /** Always seven, in their order. */
  readonly checks: readonly Check[];
}

/** @throws IMAGE_MISSING, IMAGE_PLATFORM_MISSING, PORT_TAKEN, CONTAINER_NAME_TAKEN, USAGE, the engine's errors */
export async function testImage(options: TestOptions, context: Context): Promise<TestResult> {
  const request = testRequest(options, context.runId);
  const [engine, image, host] = await Promise.all([
    engineFacts(context.docker),
    findImage(request.image, context.docker),
    engineHost(context),
  ]);
  if (image === undefined)
    throw fail("IMAGE_MISSING", { image: request.image, where: "the engine" });
  const platform = options.platform ?? platformOf(image) ?? engine.platform;
  const facts = { engine, image, host, platform };
  const inside =
    request.isQuick && request.containerPort === undefined
      ? undefined
      : servicePort(request, image);
  const architecture = await timed("image-architecture", () => checkArchitecture(facts));
  const { name, env, hostPort: outside } = request;
  // Where the engine is another machine its loopback is not ours.
  const address = host === "127.0.0.1" ? host : "0.0.0.0";
  const publish =
    inside === undefined ? {} : { publish: { address, host: outside, container: inside } };
  const wanted = { image: request.image, name, runId: context.runId, platform, env, ...publish };
  const keep = request.keepsContainer;
  return await withContainer(wanted, { keep, context }, async (container) => {
    if ("reason" in container) {
      return conclude(
        facts,
        request,
        [architecture, startFailure(container.reason, platform)],
        undefined,
      );
    }
    return await examine({ container, request, facts, inside }, architecture, context);
  });
}

interface Facts {
  readonly engine: EngineFacts;
  readonly image: EngineImage;
  readonly host: string;
  readonly platform: Platform;
}

interface Subject {
  readonly container: Container;
  readonly request: TestRequest;
  readonly facts: Facts;
  /** The service's port inside; absent where none is asked. */
  readonly inside: number | undefined;
}

/** The label against the platform that is tested. */
function checkArchitecture({ engine, image, platform }: Facts) {
  const labelled = platformOf(image);
  const label = `${image.architecture}/${image.os}`;
  const wanted = formatPlatform(platform);
  // One tag of containerd's image store holds several platforms, of which the engine describes one.
  const isShown = labelled !== undefined && samePlatform(labelled, platform);
  if (isShown) return pass(`labelled ${label}`);
  return engine.imageStore === "containerd"
    ? pass(`${wanted} of an image with several platforms`)
    : failed(`labelled ${label}, not ${wanted}`);
}

function startFailure(reason: string, platform: Platform): Check {
  const why = /exec format error/i.test(reason)
    ? `; no emulator for ${formatPlatform(platform)}, or a program for another machine: transship setup, transship verify`
    : "";
  return { id: "startup", status: "fail", detail: `it did not start: ${reason}${why}`, ms: 0 };
}

async function examine(
  subject: Subject,
  architecture: Check,
  context: Context,
): Promise<TestResult> {
  const { container, request, facts, inside } = subject;
  let started: Started | undefined;
  const startup = await timed("startup", async () => {
    const { platform, host } = facts;
    const what = { name: container.name, platform: formatPlatform(platform), host, inside };
    started = await waitUntilReady(
      { ...what, path: request.healthPath, waitMs: request.waitMs },
      context,
    );
    return started.outcome;
  });
  if (started === undefined || !started.state.isRunning) {
    return conclude(facts, request, [architecture, startup], undefined);
  }
  const seen = started;
  const processes = await listProcesses(container.name, context.docker).catch(() => []);
  let machine: Machine | undefined;
  const rest = await Promise.all([
    timed("runtime-architecture", async () => {
      machine = await checkMachine(container, facts.platform, facts.engine.platform, processes);
      return machine.outcome;
    }),
    timed("process-execution", async () => await checkProcesses(container, processes, context)),
    network(subject, seen),
    health(subject, seen, context),
    request.isQuick
      ? skipped("resources", "not looked at (--quick)")
      : timed("resources", async () => await checkResources(container)),
  ]);
  return conclude(facts, request, [architecture, startup, ...rest], machine);
}

async function checkProcesses(
  container: Container,
  processes: readonly ContainerProcess[],
  { docker }: Context,
) {
  return judgeProcesses(await inspectContainer(container.name, docker), processes);
}

async function network({ container, request }: Subject, started: Started): Promise<Check> {
  if (request.isQuick) return skipped("network", "not looked at (--quick)");
  return await timed("network", async () => {
    const outcome = await checkNetwork(container, started);
    return started.outcome.status === "fail"
      ? failed(`no answer from outside; ${outcome.detail}`)
      : outcome;
  });
}

async function health(
  { request }: Subject,
  { service }: Started,
  { signal }: Context,
): Promise<Check> {
  if (!request.asksHealth) {
    return skipped("health", `not looked at (${request.isQuick ? "--quick" : "--no-health"})`);
  }
  if (service === undefined) {
    return { id: "health", status: "fail", detail: "nothing answers on the service's port", ms: 0 };
  }
  return await timed("health", async () => await checkHealth(service, request, signal));
}

/** The seven checks in their order; what was not reached is skipped. */
function conclude(
  { platform, engine }: Facts,
  { image }: TestRequest,
  done: readonly Check[],
  machine: Machine | undefined,
): TestResult {
  const checks = checkIds.map(
    (id: CheckId) =>
      done.find((check) => check.id === id) ?? skipped(id, "the container did not run"),
  );
  const isForeign = platform.architecture !== engine.platform.architecture;
  return {
    image,
    platform,
    verdict: verdictOf(checks),
    emulated: machine?.isEmulated ?? isForeign,
    ...(machine?.emulator === undefined ? {} : { emulator: machine.emulator }),
    checks,
  };
}
