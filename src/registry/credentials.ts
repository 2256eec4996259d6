/**
 * The login that `docker login` stored for a registry. Source: docker/cli `cli/config/configfile/file.go` and
 * `cli/config/credentials`, docker/docker-credential-helpers (the helpers' protocol).
 * Secrets go from a file or a helper's standard output to the `Authorization` header, and nowhere else.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import * as z from "zod";
import { isFailure } from "../errors.ts";
import type { Runner } from "../process/run.ts";
import { isSystemError } from "../process/system-error.ts";

export type Credentials =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, to be exchanged at the registry's token server. */
  | { readonly kind: "identity"; readonly token: string }
  /** A token for the registry itself. */
  | { readonly kind: "bearer"; readonly token: string }
  /** `reason` ends the sentence "The registry wants a login: …". */
  | { readonly kind: "none"; readonly reason: string };

export interface CredentialSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runner: Runner;
}

const login = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
});

const configuration = z.object({
  auths: z.record(z.string(), login).default({}),
  credsStore: z.string().default(""),
  credHelpers: z.record(z.string(), z.string()).default({}),
});

type Configuration = z.infer<typeof configuration>;

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });
const helperDeadlineMs = 30_000;
const notStored = "no login for it is stored";

/**
 * Looks where docker looks, in its order: the variable DOCKER_AUTH_CONFIG, the registry's own helper, the helper for all,
 * the file. Never throws for what it finds there: only a registry that wants a login makes a broken helper matter.
 * @throws INTERRUPTED or TERMINATED
 */
export async function findCredentials(
  registry: string,
  { env, runner }: CredentialSource,
): Promise<Credentials> {
  const variable = env["DOCKER_AUTH_CONFIG"] ?? "";
  if (variable !== "") {
    const found = readConfiguration(variable);
    const stored = found === undefined ? undefined : storedLogin(found, registry);
    if (stored !== undefined) return stored;
  }
  const file = path.join(
    env["DOCKER_CONFIG"] || path.join(env["HOME"] || homedir(), ".docker"),
    "config.json",
  );
  const text = await readIfPresent(file);
  if (text === undefined) return { kind: "none", reason: notStored };
  const found = readConfiguration(text);
  if (found === undefined) return { kind: "none", reason: `${file} cannot be read as JSON` };
  const helper = entryFor(found.credHelpers, registry) ?? found.credsStore;
  if (helper === "") return storedLogin(found, registry) ?? { kind: "none", reason: notStored };
  const asked = await askHelper(helper, registry, { env, runner });
  return asked.kind === "none" ? (storedLogin(found, registry) ?? asked) : asked;
}

function readConfiguration(text: string): Configuration | undefined {
  try {
    return configuration.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The login that stands in the file itself; `undefined` for none, and for the empty entry that a helper leaves there. */
function storedLogin({ auths }: Configuration, registry: string): Credentials | undefined {
  const entry = entryFor(auths, registry);
  if (entry === undefined) return undefined;
  if (entry.identitytoken) return { kind: "identity", token: entry.identitytoken };
  if (entry.registrytoken) return { kind: "bearer", token: entry.registrytoken };
  const decoded = Buffer.from(entry.auth ?? "", "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  const username = colon === -1 ? entry.username : decoded.slice(0, colon);
  const password =
    colon === -1 ? entry.password : decoded.slice(colon + 1).replace(/^\0+|\0+$/g, "");
  return username && password ? { kind: "basic", username, password } : undefined;
}

/** The entry whose key names the registry: its host, or an address at that host as older clients wrote it. */
function entryFor<T>(entries: Readonly<Record<string, T>>, registry: string): T | undefined {
  const exact = Object.entries(entries).find(([key]) => key === serverName(registry));
  if (exact !== undefined) return exact[1];
  const hosts =
    registry === "docker.io"
      ? ["docker.io", "index.docker.io", "registry-1.docker.io"]
      : [registry];
  return Object.entries(entries).find(([key]) => hosts.includes(hostOf(key)))?.[1];
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
}

/** What docker calls the registry in its file and to its helpers. */
function serverName(registry: string): string {
  return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}

async function askHelper(
  name: string,
  registry: string,
  { env, runner }: CredentialSource,
): Promise<Credentials> {
  const program = `docker-credential-${name}`;
  try {
    const { exitCode, stdout } = await runner.run([program, "get"], {
      input: serverName(registry),
      env: Object.fromEntries(
        Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
      deadlineMs: helperDeadlineMs,
      limit: 1024 * 1024,
    });
    if (exitCode !== 0) {
      const isUnknown = stdout.includes("credentials not found");
      return {
        kind: "none",
        reason: isUnknown ? notStored : `${program} ended with exit code ${exitCode}`,
      };
    }
    const { Username: username, Secret: secret } = helperAnswer.parse(JSON.parse(stdout));
    if (username === "<token>") return { kind: "identity", token: secret };
    return { kind: "basic", username, password: secret };
  } catch (error) {
    if (isFailure(error, "INTERRUPTED", "TERMINATED")) throw error;
    // The error's own words may quote what the helper printed, so they are not repeated.
    const why = isNotInstalled(error) ? "is not on the PATH" : "gave no usable answer";
    return { kind: "none", reason: `the credential helper ${program} ${why}` };
  }
}

/** Whether the runner's error says that there is no such program. */
function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && isSystemError(error.cause, "ENOENT");
}
