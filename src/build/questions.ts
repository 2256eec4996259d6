/** What the engine is asked while a build goes on; most answers are needed only afterwards. */
import { keepMachine, keptMachine, type Machine } from "../builder/machine.ts";
import type { Context } from "../context.ts";
import { type EngineFacts, engineFacts } from "../engine/facts.ts";
import { type EngineImage, findImage } from "../engine/images.ts";
import type { Work } from "./produce.ts";

export interface Questions {
  readonly engine: Promise<EngineFacts> | undefined;
  /** What is known of its machine: of the last time where it is, else when it answers; `undefined` where nobody says it. */
  readonly machine: Promise<Machine | undefined>;
  /** What has the image's name there now. */
  readonly before: Promise<EngineImage | undefined> | undefined;
}

export function askEngine(
  { request, builder }: Work,
  image: string,
  { docker, env }: Pick<Context, "docker" | "env">,
): Questions {
  // Only the engine's own builders say by it what their machine is.
  const isAsked = builder.driver.startsWith("docker") || request.load;
  const engine = isAsked ? engineFacts(docker) : undefined;
  const before = request.load ? findImage(image, docker) : undefined;
  // A build that fails meanwhile is what is told.
  engine?.catch(() => {});
  before?.catch(() => {});
  return { engine, before, machine: machineOf(engine, env) };
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
