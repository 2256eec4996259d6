/** The buildx builder that Transship builds with. */
import { type Builder, listBuilders } from "../engine/buildx.ts";
import type { Docker } from "../engine/docker.ts";

/** The builder that is used where none is named. */
export const defaultBuilder = "multiarch-builder";

/** The engine's own BuildKit, which every engine with buildx has. */
export const engineBuilder = "default";

/** The driver option (an environment variable of BuildKit's container) that remembers what a builder was made of. */
export const hashOption = "env.TRANSSHIP_CONFIGURATION";

/** Whether a node with these driver options was made here. */
export function isOfOurs(options: Readonly<Record<string, string>>): boolean {
  return options[hashOption] !== undefined;
}

/** Whether a builder was made by somebody else, and so is used as it is: of another name, and without what we leave in ours. */
export function isForeign(builder: Pick<Builder, "name" | "nodes">): boolean {
  const [first] = builder.nodes;
  return builder.name !== defaultBuilder && (first === undefined || !isOfOurs(first.options));
}

/** The builder of that name; `undefined` where there is none. @throws what {@link listBuilders} throws */
export async function findBuilder(name: string, docker: Docker): Promise<Builder | undefined> {
  const builders = await listBuilders(docker);
  return builders.find((builder) => builder.name === name);
}

/** Whether all its nodes are ready to build. */
export function isRunning({ nodes }: Builder): boolean {
  return nodes.length > 0 && nodes.every(({ status }) => status === "running");
}

/** Whether two endpoints (a context's name or an address) are one engine. */
export function sameEndpoint(actual: string, wanted: string): boolean {
  return actual === wanted || (isDefaultEndpoint(actual) && isDefaultEndpoint(wanted));
}

/** buildx writes the default context's address where it has one. */
function isDefaultEndpoint(endpoint: string): boolean {
  return endpoint === "default" || /^(?:unix:\/\/\/var\/run\/docker\.sock|npipe:)/.test(endpoint);
}
