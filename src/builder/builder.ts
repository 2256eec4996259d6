/** The buildx builder that Transship builds with. */
import { type Builder, listBuilders } from "../engine/buildx.ts";
import type { Docker } from "../engine/docker.ts";

/** The builder that is used where none is named. */
export const defaultBuilder = "multiarch-builder";

/** The engine's own BuildKit, which every engine with buildx has. */
export const engineBuilder = "default";

/** The builder of that name; `undefined` where there is none. @throws what {@link listBuilders} throws */
export async function findBuilder(name: string, docker: Docker): Promise<Builder | undefined> {
  const builders = await listBuilders(docker);
  return builders.find((builder) => builder.name === name);
}

/** Whether all its nodes are ready to build. */
export function isRunning({ nodes }: Builder): boolean {
  return nodes.length > 0 && nodes.every(({ status }) => status === "running");
}
