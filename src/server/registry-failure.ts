/** What docker's words say of a server's engine and a registry that it was to pull from. */
import { fail, type TransshipError } from "../errors.ts";
import { loginCommand } from "../errors/registry.ts";
import type { DockerAccess } from "./docker-access.ts";

export interface RegistryAtServer {
  /** The server, as it is typed behind `ssh`. */
  readonly target: string;
  /** `host[:port]`. */
  readonly registry: string;
  readonly access: DockerAccess;
}

/**
 * The engine's own words (moby/moby `distribution/errors.go`, `registry/`; containerd `core/remotes/docker`; Go `net`, `crypto/x509`,
 * `net/http`), the narrowest first. A repository that "does not exist or may require docker login" is one that was just pushed to.
 */
const meanings = [
  ["SERVER_REGISTRY_PLAIN_HTTP", /server gave HTTP response to HTTPS client/],
  ["SERVER_REGISTRY_UNTRUSTED", /x509: |tls: failed to verify certificate/],
  [
    "SERVER_REGISTRY_AUTH",
    /unauthorized|no basic auth credentials|authentication required|authorization failed|failed to authorize|pull access denied|insufficient_scope|(?<!permission )\bdenied: |\b40[13] (?:Unauthorized|Forbidden)/i,
  ],
  [
    "SERVER_REGISTRY_UNREACHABLE",
    /dial tcp|no such host|no route to host|network is unreachable|connection refused|connection reset by peer|i\/o timeout|handshake timeout|Client\.Timeout|request canceled|context deadline exceeded|\bEOF$/m,
  ],
] as const;

/** Answers of the engine, and nothing that the command says when there is none. */
const answered = /Error response from daemon: /;

/** `undefined` where they say something else. */
export function serverRegistryError(
  { target, registry, access }: RegistryAtServer,
  words: string,
): TransshipError | undefined {
  const line = words
    .trim()
    .split("\n")
    .findLast((one) => answered.test(one));
  if (line === undefined) return undefined;
  const [code] = meanings.find(([, pattern]) => pattern.test(line)) ?? [];
  if (code === undefined) return undefined;
  const reason = line.replace(answered, "").trim();
  const facts = { target, registry, reason };
  if (code !== "SERVER_REGISTRY_AUTH") return fail(code, facts);
  // Where docker is run as root, its login is root's.
  const sudo = access === "docker" ? "" : "sudo ";
  return fail(code, { ...facts, login: `${sudo}${loginCommand(registry)}` });
}
