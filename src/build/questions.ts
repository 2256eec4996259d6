/** What the engine is asked while a build goes on; most answers are needed only afterwards. */
import { keepMachine, keptMachine, type Machine } from "../builder/machine.ts";
import type { NodePlan } from "../builder/node-plan.ts";
import { planNodes } from "../builder/nodes.ts";
import type { Context } from "../context.ts";
import { type EngineFacts, engineFacts } from "../engine/facts.ts";
import { type EngineImage, findImage } from "../engine/images.ts";
import type { Work } from "./produce.ts";

export interface Questions {
  readonly engine: Promise<EngineFacts> | undefined;
  /** What is known of its machine: of the last time where it is, else when it answers; `undefined` where nobody says it. */
  readonly machine: Promise<Machine | undefined>;
  /** Which node builds for which platform; `undefined` for the engine's own machine alone. */
  readonly plan: Promise<NodePlan | undefined>;
  /** What has the image's name there now. */
  readonly before: Promise<EngineImage | undefined> | undefined;
}

export function askEngine(
  { request, builder }: Pick<Work, "request" | "builder">,
  image: string,
  context: Pick<Context, "docker" | "env" | "runner">,
): Questions {
  const { docker, env } = context;
  // Only the engine's own builders say by it what their machine is.
  const isAsked = builder.driver.startsWith("docker") || request.load;
  const engine = isAsked ? engineFacts(docker) : undefined;
  const before = request.load ? findImage(image, docker) : undefined;
  // A build that fails meanwhile is what is told.
  engine?.catch(() => {});
  before?.catch(() => {});
  const machine = machineOf(engine, env);
  const plan = planOf({ request, builder }, machine, context);
  plan.catch(() => {});
  return { engine, before, machine, plan };
}

/** @throws why a node that is needed does not answer */
async function planOf(
  { builder, request }: Pick<Work, "builder" | "request">,
  machine: Promise<Machine | undefined>,
  context: Pick<Context, "docker" | "env" | "runner">,
): Promise<NodePlan | undefined> {
  if (builder.nodes.length < 2 && builder.driver.startsWith("docker")) return undefined;
  const known = machine.then((found) => found ?? Promise.reject(new Error("no engine answers")));
  known.catch(() => {});
  return await planNodes(builder, request.platforms, known, context);
}

async function machineOf(
  engine: Promise<EngineFacts> | undefined,
  env: Context["env"],
): Promise<Machine | undefined> {
  if (engine === undefined) return undefined;
  const answer = engine.catch(() => undefined);
  const kept = await keptMachine(env);
  const renewed = answer.then(async (facts) => {
    if (facts !== undefined) await keepMachine(facts, env);
    return facts;
  });
  return kept ?? (await renewed);
}
