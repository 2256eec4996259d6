/** The mirrors of Docker Hub that an engine was given (`registry-mirrors` of its daemon.json). */
import * as z from "zod";
import { isFailure } from "../errors.ts";
import type { Docker } from "./docker.ts";

const registryConfiguration = z
  .object({ Mirrors: z.array(z.string()).nullish() })
  .nullish()
  .transform((configuration) => configuration?.Mirrors ?? []);

const deadlineMs = 10_000;

/** The first to be asked first; none where no engine answers. @throws INTERRUPTED or TERMINATED */
export async function hubMirrors(docker: Docker): Promise<readonly URL[]> {
  try {
    const args = ["info", "--format", "{{json .RegistryConfig}}"];
    const { exitCode, stdout } = await docker.attempt(args, { deadlineMs });
    return exitCode === 0 ? readMirrors(stdout) : [];
  } catch (error) {
    if (isFailure(error, "INTERRUPTED", "TERMINATED")) throw error;
    return [];
  }
}

/** Reads what `docker info` says of registries; an address that the engine itself would refuse is passed over. */
export function readMirrors(json: string): readonly URL[] {
  return registryConfiguration
    .parse(JSON.parse(json))
    .filter((text) => URL.canParse(text))
    .map((text) => new URL(text))
    .filter(({ protocol, username, password, search, hash }) => {
      const isWeb = protocol === "https:" || protocol === "http:";
      return isWeb && `${username}${password}${search}${hash}` === "";
    });
}
