/** The nodes of a builder as setup found them. */
import { forgetPlatform, nativePlatform } from "../builder/nodes.ts";
import type { Context } from "../context.ts";
import type { Builder, BuilderNode } from "../engine/buildx.ts";
import { endpointFailure } from "../engine/endpoint.ts";
import type { KeptBuilder } from "../engine/kept-builder.ts";
import { isFailure, type TransshipError } from "../errors.ts";
import { formatPlatform, type Platform, readPlatform } from "../platform/platform.ts";
import type { SetupFacts } from "./facts.ts";

export interface SetupNode {
  readonly name: string;
  readonly endpoint: string;
  /** `running`, `stopped`, `inactive`, `error`. */
  readonly status: string;
  /** The platforms that it is fixed to, and that go there first. */
  readonly platforms: readonly string[];
  /** All that it builds for, emulated or not; empty while it does not run. */
  readonly offered: readonly string[];
  /** What its machine runs without an emulator; absent where nobody says. */
  readonly native?: Platform;
  /** Why it does not answer. */
  readonly failure?: TransshipError;
}

/** Looks at each node; machines other than the engine's are asked anew. @throws INTERRUPTED, TERMINATED */
export async function lookAtNodes(
  builder: Builder,
  kept: KeptBuilder | undefined,
  { engine }: Pick<SetupFacts, "engine">,
  context: Context,
): Promise<readonly SetupNode[]> {
  return await Promise.all(
    builder.nodes.map(async (node) => {
      const fixed = kept?.nodes.find(({ name }) => name === node.name)?.platforms ?? [];
      const asked = await askNode(builder.driver, { ...node, fixed }, engine, context);
      return seenNode(node, fixed, asked);
    }),
  );
}

type Asked = Pick<SetupNode, "native" | "failure">;

function seenNode(node: BuilderNode, fixed: readonly string[], asked: Asked): SetupNode {
  const { name, endpoint, status, platforms } = node;
  const offered = [...new Set(platforms.flatMap(normalized))];
  return { name, endpoint, status, platforms: fixed, offered, ...asked };
}

async function askNode(
  driver: string,
  node: BuilderNode & { readonly fixed: readonly string[] },
  engine: SetupFacts["engine"],
  context: Context,
): Promise<Asked> {
  const { endpoint, error } = node;
  if (error !== undefined) return { failure: endpointFailure(endpoint, error) };
  try {
    await forgetPlatform(endpoint, context.env);
    const native = await nativePlatform(driver, node, Promise.resolve(engine), context);
    return native === undefined ? {} : { native };
  } catch (failure) {
    if (!isFailure(failure) || isFailure(failure, "INTERRUPTED", "TERMINATED")) throw failure;
    return { failure };
  }
}

function normalized(platform: string): readonly string[] {
  const known = readPlatform(platform);
  return known === undefined ? [] : [formatPlatform(known)];
}
