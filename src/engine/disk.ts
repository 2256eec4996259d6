/** The disk of an engine, as far as it is this machine's. */
import { statfs } from "node:fs/promises";
import type { EngineFacts } from "./facts.ts";

/**
 * Bytes free where the engine keeps its data; `undefined` where that is in a virtual machine or on a server, or hidden, as a rootless
 * engine's directory may be. `endpoint` is DOCKER_HOST where it is set, else the engine's context.
 */
export async function freeEngineBytes(
  { dataRoot, operatingSystem }: Pick<EngineFacts, "dataRoot" | "operatingSystem">,
  endpoint: string,
): Promise<number | undefined> {
  const isNear = endpoint === "default" || endpoint.startsWith("unix://");
  const isHere = process.platform === "linux" && isNear && operatingSystem !== "Docker Desktop";
  if (!isHere) return undefined;
  return await statfs(dataRoot).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
}
