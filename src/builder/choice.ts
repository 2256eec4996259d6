/** Which builder builds: the one that is named, else Transship's own, else the engine's. */
import type { Context } from "../context.ts";
import { type KeptNode, keptBuilder } from "../engine/kept-builder.ts";
import { fail } from "../errors.ts";
import { defaultBuilder, engineBuilder, findBuilder } from "./builder.ts";

export interface ChosenBuilder {
  readonly name: string;
  /** `docker` is the engine's own BuildKit. */
  readonly driver: string;
  /** As buildx keeps them; empty for the engine's own, and where buildx had to be asked. */
  readonly nodes: readonly KeptNode[];
}

const engineOwn: ChosenBuilder = { name: engineBuilder, driver: "docker", nodes: [] };

/**
 * Finds the builder. buildx's own file tells at once of one that is there (docker/buildx, `store/store.go`); only where that does
 * not, buildx is asked.
 * @throws BUILDER_MISSING where one was named that is not there, and what {@link findBuilder} throws
 */
export async function chooseBuilder(
  named: string | undefined,
  context: Pick<Context, "docker" | "env" | "report">,
): Promise<ChosenBuilder> {
  const name = named ?? defaultBuilder;
  if (name === engineBuilder) return engineOwn;
  const kept = await keptBuilder(name, context.env);
  if (kept !== undefined) return { name, ...kept };
  const found = await findBuilder(name, context.docker);
  if (found !== undefined) return { name, driver: found.driver, nodes: [] };
  if (named !== undefined && named !== defaultBuilder) {
    throw fail("BUILDER_MISSING", { builder: named, reason: "no other was named" });
  }
  context.report({
    kind: "warning",
    text: `There is no builder ${name} yet, so the engine's own BuildKit builds: no cache of its own, no cache export, and on the classic image store one platform after the other, each read back from the engine. To make it: transship setup`,
  });
  return engineOwn;
}
