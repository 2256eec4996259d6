/** What the builders of this user were told of registries, for whoever speaks to the same registries beside them. */
import { type KeptEnvironment, keptBuilders } from "../engine/kept-builder.ts";
import { rememberedSettings } from "./settings.ts";

/** Whether `transship setup --registry-http` named the registry, `host[:port]`, for any builder. */
export async function speaksPlainHttp(registry: string, env: KeptEnvironment): Promise<boolean> {
  const builders = await keptBuilders(env);
  return builders.some(({ nodes }) => {
    const { registries } = rememberedSettings(nodes[0]?.options);
    return registries[registry]?.http === true;
  });
}
