/** What the engine is asked while a build goes on; most answers are needed only afterwards. */
import type { Context } from "../context.ts";
import { type EngineFacts, engineFacts } from "../engine/facts.ts";
import { type EngineImage, findImage } from "../engine/images.ts";
import type { Work } from "./produce.ts";

export interface Questions {
  readonly engine: Promise<EngineFacts> | undefined;
  /** What has the image's name there now. */
  readonly before: Promise<EngineImage | undefined> | undefined;
}

export function askEngine(
  { request, builder }: Work,
  image: string,
  { docker }: Pick<Context, "docker">,
): Questions {
  // Only the engine's own builders say by it what their machine is.
  const isAsked = builder.driver.startsWith("docker") || request.load;
  const engine = isAsked ? engineFacts(docker) : undefined;
  const before = request.load ? findImage(image, docker) : undefined;
  // A build that fails meanwhile is what is told.
  engine?.catch(() => {});
  before?.catch(() => {});
  return { engine, before };
}
