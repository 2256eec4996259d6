/** From what a registry answered, or did not, to the error that people read. */
import * as z from "zod";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";

/** A failure that may pass when the same is asked again. */
export class TransientFailure extends Error {
  /** What is thrown when it does not pass. */
  readonly lasting: TransshipError;
  /** How long the registry asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(lasting: TransshipError, askedPauseMs?: number) {
    super(lasting.message);
    this.lasting = lasting;
    this.retryAfterMs = askedPauseMs;
  }
}

/** What a registry answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Bounded; empty where a body is streamed. */
  readonly bytes: Uint8Array;
  /**
   * The body as it comes, where the request asked for that and was answered with 200 or 206. It must be read, or its reading begun
   * and ended: until then the connection stays. Throws {@link TransientFailure} where the rest may be had later.
   */
  readonly body?: AsyncIterable<Uint8Array>;
}

/** What was asked, for the sentence "The registry refused <request>". */
export interface Asked {
  readonly registry: string;
  readonly repository: string;
  readonly request: string;
}

/** The distribution specification's error document ("Error Codes"). */
const errorDocument = z.object({
  errors: z
    .array(z.object({ code: z.string().default(""), message: z.string().default("") }))
    .min(1),
});

const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** The error for an answer that is not the one hoped for: transient where the same request may succeed later. */
export function answerFailure(answer: Answer, asked: Asked): TransshipError | TransientFailure {
  const { code, reason } = registryWords(answer);
  const { registry, repository, request } = asked;
  if (answer.status === 401) {
    return fail("REGISTRY_AUTH", { registry, reason });
  }
  if (answer.status === 403) return fail("REGISTRY_DENIED", { registry, repository, reason });
  const rejected = fail("REGISTRY_REJECTED", {
    registry,
    request,
    status: answer.status,
    code,
    reason,
  });
  if (!transientStatuses.has(answer.status)) return rejected;
  return new TransientFailure(rejected, readRetryAfter(answer.headers));
}

/** The error for bytes that are not those of the digest that was asked for; `problem` is one part of a sentence. */
export function contentWrong(registry: string, digest: Digest, problem: string): TransshipError {
  return fail("REGISTRY_CONTENT_WRONG", { registry, digest, problem });
}

/** The registry's own code and message, made one short line; what HTTP says where the body says nothing. */
export function registryWords({ status, bytes }: Pick<Answer, "status" | "bytes">): {
  readonly code: string;
  readonly reason: string;
} {
  const text = new TextDecoder().decode(bytes.subarray(0, 64 * 1024));
  const [first] = parseErrors(text);
  if (first !== undefined) {
    const reason = oneLine(first.message) || first.code.toLowerCase().replaceAll("_", " ");
    return { code: first.code.toUpperCase(), reason };
  }
  // Proxies answer with pages of HTML, which say no more than the status does.
  const isPage = text.trimStart().startsWith("<");
  return { code: "", reason: isPage || text.trim() === "" ? `HTTP ${status}` : oneLine(text) };
}

/** The error for a request that got no answer. */
export function connectionFailure(
  error: unknown,
  registry: string,
): TransshipError | TransientFailure {
  if (isFailure(error)) return error;
  const { code, message } = rootCause(error);
  const reason = connectionWords[code] ?? (message || code || String(error));
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER")
    return fail("REGISTRY_PLAIN_HTTP", { registry }, { cause: error });
  if (untrusted.test(code))
    return fail("REGISTRY_UNTRUSTED", { registry, reason }, { cause: error });
  const lasting = fail("REGISTRY_UNREACHABLE", { registry, reason }, { cause: error });
  return permanent.has(code) ? lasting : new TransientFailure(lasting);
}

/** Failures to connect that no patience mends. */
const permanent = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EACCES"]);

/** OpenSSL's and Node's codes for a certificate that does not hold (nodejs/node doc/api/tls.md, "X509 certificate error codes"). */
const untrusted =
  /CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA/;

const connectionWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "its name could not be looked up",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  CERT_HAS_EXPIRED: "it has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "it was made for another host name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is unknown here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is unknown here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is unknown here",
};

/** `fetch failed` says nothing: the reason is the innermost cause, or the first of several attempts. */
function rootCause(error: unknown): { readonly code: string; readonly message: string } {
  let seen: unknown = error;
  for (let depth = 0; depth < 8; depth++) {
    if (seen instanceof AggregateError && seen.errors.length > 0) seen = seen.errors[0];
    else if (seen instanceof Error && seen.cause !== undefined) seen = seen.cause;
    else break;
  }
  const code = typeof seen === "object" && seen !== null && "code" in seen ? String(seen.code) : "";
  return { code, message: seen instanceof Error ? oneLine(seen.message) : "" };
}

function parseErrors(text: string): readonly { code: string; message: string }[] {
  try {
    return errorDocument.parse(JSON.parse(text)).errors;
  } catch {
    return [];
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What a stranger wrote, fit for a terminal's line: no control characters, no end mark, at most 300 characters. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, 300)
    .replace(/[.\s]+$/, "");
}
