/** What a shipped image says that its release needs: its ports and its health check, as the server's engine tells them. */
import * as z from "zod";
import { fail } from "../errors.ts";
import { quote } from "../process/command.ts";
import { type DockerAccess, searchPath } from "../server/docker-access.ts";
import { serverEngineError, type Server } from "../server/server.ts";
import type { HealthCommand } from "./release.ts";

export interface ImageConfig {
  /** TCP ports that it exposes, the lowest first. */
  readonly ports: readonly number[];
  /** `undefined` where it has none, or switches its base's off. */
  readonly healthcheck: { readonly command: HealthCommand; readonly seconds: number } | undefined;
}

const schema = z.object({
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  Healthcheck: z
    .object({
      Test: z.array(z.string()).nullish(),
      /** Nanoseconds. */
      Timeout: z.number().nullish(),
    })
    .nullish(),
});

const inspectDeadlineMs = 30_000;
/** Docker's own where an image names none (moby, daemon/health.go, `defaultProbeTimeout`). */
const usualTimeoutSeconds = 30;

/** @throws SERVER_…, the errors of ssh */
export async function inspectImage(
  { shell, name }: Server,
  access: DockerAccess,
  image: string,
): Promise<ImageConfig> {
  const script = `${searchPath}\n${access} image inspect --format '{{json .Config}}' ${quote(image)}`;
  const options = { deadlineMs: inspectDeadlineMs, what: `Looking at ${image} on ${name}` };
  const { exitCode, stdout, stderr } = await shell.run(script, options);
  if (exitCode !== 0) throw serverEngineError(name, { exitCode, words: stderr });
  const config = readImageConfig(stdout);
  if (config !== undefined) return config;
  throw fail("SERVER_ENGINE_DOWN", { target: name, reason: `its word of ${image} is unreadable` });
}

/** `undefined` for what is no such document. */
export function readImageConfig(json: string): ImageConfig | undefined {
  const read = schema.nullable().safeParse(parse(json));
  if (!read.success) return undefined;
  const { ExposedPorts: exposed, Healthcheck: check } = read.data ?? {};
  const ports = Object.keys(exposed ?? {}).flatMap((port) => {
    const [, number] = /^(\d+)(?:\/tcp)?$/.exec(port) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
  const command = commandOf(check?.Test ?? []);
  const seconds = Math.ceil((check?.Timeout ?? 0) / 1e9) || usualTimeoutSeconds;
  return {
    ports: ports.toSorted((one, other) => one - other),
    healthcheck: command === undefined ? undefined : { command, seconds },
  };
}

function commandOf([kind, ...words]: readonly string[]): HealthCommand | undefined {
  if (kind === "CMD" && words.length > 0) return { argv: words };
  return kind === "CMD-SHELL" && words[0] !== undefined ? { shell: words[0] } : undefined;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
