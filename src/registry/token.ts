/**
 * How a challenge is answered: with a stored login itself (Basic), or with a token that a token server gives for it (Bearer).
 * Sources: distribution `docs/spec/auth/token.md`, `oauth.md`, `scope.md`; RFC 7617 (Basic).
 */
import * as z from "zod";
import { fail, isFailure } from "../errors.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { isLoopback } from "./endpoint.ts";
import type { HttpRequest } from "./exchange.ts";
import { type Answer, answerFailure } from "./failure.ts";

/** What a token must allow, each `repository:NAME:pull,push`. */
export type Scope = readonly string[];

export interface TokenOptions {
  readonly registry: string;
  /** Whether the registry itself is spoken to without TLS. */
  readonly isPlain: () => boolean;
  /** Sends a request to a token server, patiently. */
  readonly send: (request: HttpRequest) => Promise<Answer>;
}

/** A value of the `Authorization` header. */
export interface Grant {
  readonly header: string;
  /** As `performance.now()` counts. */
  readonly expires: number;
}

const tokenAnswer = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  /** Seconds; token.md says that 60 stand where none do. */
  expires_in: z.number().positive().optional(),
});

/** A token is not used in its last seconds: it may end on the way. */
const marginMs = 5_000;

/**
 * The grant for that scope and login.
 * @throws REGISTRY_AUTH, and what the token server's own failures are
 */
export async function winGrant(
  challenge: Challenge,
  scope: Scope,
  credentials: Credentials,
  options: TokenOptions,
): Promise<Grant> {
  const { registry } = options;
  const forever = Number.POSITIVE_INFINITY;
  if (credentials.kind === "bearer") {
    return { header: `Bearer ${credentials.token}`, expires: forever };
  }
  if (challenge.scheme === "basic") {
    if (credentials.kind === "basic") return { header: basicHeader(credentials), expires: forever };
    const reason =
      credentials.kind === "none"
        ? credentials.reason
        : "it takes a user name and a password, and a token is stored";
    throw fail("REGISTRY_AUTH", { registry, reason });
  }
  const asked = performance.now();
  const answer = await options.send(tokenRequest(challenge, scope, credentials, options));
  const { token, expiresMs } = readToken(answer, credentials, options);
  return { header: `Bearer ${token}`, expires: asked + expiresMs - marginMs };
}

/** The question to the token server: a form for an identity token (oauth.md), a query otherwise (token.md). */
function tokenRequest(
  challenge: Challenge,
  scope: Scope,
  credentials: Credentials,
  options: TokenOptions,
): HttpRequest {
  const url = realmOf(challenge, options);
  const service = challenge.parameters["service"] ?? "";
  if (credentials.kind === "identity") {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: "transship",
      service,
      scope: scope.join(" "),
      refresh_token: credentials.token,
    });
    const bytes = new TextEncoder().encode(form.toString());
    return {
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: { size: bytes.byteLength, open: () => bytes },
    };
  }
  if (service !== "") url.searchParams.set("service", service);
  for (const one of scope) url.searchParams.append("scope", one);
  if (credentials.kind !== "basic") return { method: "GET", url };
  url.searchParams.set("account", credentials.username);
  return { method: "GET", url, headers: { authorization: basicHeader(credentials) } };
}

/** The token server's address. A login goes there, so it must be as safe as the registry is. */
function realmOf({ parameters }: Challenge, { registry, isPlain }: TokenOptions): URL {
  const realm = parameters["realm"] ?? "";
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const isSafe =
    url?.protocol === "https:" ||
    (url?.protocol === "http:" && (isPlain() || isLoopback(url.host)));
  if (url !== undefined && isSafe) return url;
  const reason = `its token server ${url?.origin ?? realm} cannot be reached with TLS`;
  throw fail("REGISTRY_AUTH", { registry, reason });
}

function readToken(
  answer: Answer,
  credentials: Credentials,
  { registry }: TokenOptions,
): { token: string; expiresMs: number } {
  if (answer.status === 200) {
    const found = parseToken(answer.bytes);
    const token = found?.token ?? found?.access_token;
    if (token) return { token, expiresMs: (found?.expires_in ?? 60) * 1000 };
    throw fail("REGISTRY_AUTH", { registry, reason: "its token server gave no token" });
  }
  if ([400, 401, 403].includes(answer.status)) {
    const reason =
      credentials.kind === "none" ? credentials.reason : "the stored login was refused";
    throw fail("REGISTRY_AUTH", { registry, reason });
  }
  const failure = answerFailure(answer, {
    registry,
    repository: "",
    request: "the question for a token",
  });
  throw isFailure(failure) ? failure : failure.lasting;
}

function parseToken(bytes: Uint8Array): z.infer<typeof tokenAnswer> | undefined {
  try {
    return tokenAnswer.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

function basicHeader({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
