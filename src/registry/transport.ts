/** Requests to one registry: its address found, its login shown, transient failures outlasted. */
import type { TransshipError } from "../errors.ts";
import { fail, isFailure } from "../errors.ts";
import type { Report } from "../process/report.ts";
import { createAuthorizer } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import { candidateBases } from "./endpoint.ts";
import { exchange, type ExchangeOptions, type HttpRequest } from "./exchange.ts";
import { type Answer, answerFailure, TransientFailure } from "./failure.ts";
import { defaultPatience, pauseAfter, type Patience, retrying } from "./retry.ts";
import type { Scope } from "./token.ts";

export interface TransportOptions {
  readonly registry: string;
  readonly signal: AbortSignal;
  readonly report: Report;
  readonly credentials: () => Promise<Credentials>;
  /** Speak plain HTTP to it, although it is not on this machine. */
  readonly plainHttp?: boolean;
  /** The address of its `/v2/`, with a slash at its end, where that does not follow from its name. */
  readonly address?: URL;
  readonly patience?: Patience;
}

export interface RegistryRequest extends HttpRequest {
  readonly repository: string;
  /** For the sentence "The registry refused <what>". */
  readonly what: string;
  readonly scope: Scope;
  /** The statuses that are answers; any other is thrown as its error. */
  readonly expect: readonly number[];
}

export interface Transport {
  readonly registry: string;
  /** The address of `/v2/`, found by the first call. @throws REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED, REGISTRY_PLAIN_HTTP */
  base(): Promise<URL>;
  /** One try: the login shown, and won anew where the registry asks for that. @throws TransientFailure and the rest */
  once(request: RegistryRequest): Promise<Answer>;
  /** As {@link Transport.once}, outlasting what is transient. */
  send(request: RegistryRequest): Promise<Answer>;
  /** Waits after the try of that number, of several requests, has failed for a while. @throws its lasting error when it was the last */
  outlast(failure: TransientFailure, attempt: number): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  const { registry, signal, report } = options;
  const patience = options.patience ?? defaultPatience;
  const exchanging: ExchangeOptions = {
    registry,
    signal,
    ...(patience.silenceMs === undefined ? {} : { silenceMs: patience.silenceMs }),
  };
  const patiently = async <T>(work: () => Promise<T>) =>
    await retrying(work, { patience, signal, report });
  let base = options.address;
  const authorizer = createAuthorizer({
    registry,
    isPlain: () => base?.protocol === "http:",
    credentials: options.credentials,
    send: async (request) =>
      await patiently(async () => {
        const answer = await exchange(request, exchanging);
        const failure = answerFailure(answer, { registry, repository: "", request: "a token" });
        if (failure instanceof TransientFailure) throw failure;
        return answer;
      }),
  });

  const transport: Transport = {
    registry,
    async base() {
      base ??= await patiently(
        async () =>
          await findBase(candidateBases(registry, options.plainHttp ?? false), exchanging),
      );
      return base;
    },
    async once(request) {
      const home = await transport.base();
      // An upload may lead to another origin; the login stays with the registry.
      const isHome = request.url.origin === home.origin;
      let authorization = isHome ? await authorizer.header(request.scope) : undefined;
      for (let isRenewed = false; ; isRenewed = true) {
        const answer = await exchange(withAuthorization(request, authorization), exchanging);
        if (request.expect.includes(answer.status)) return answer;
        if (answer.status !== 401 || !isHome) throw failureOf(answer, request, registry);
        if (isRenewed) throw await authorizer.refusal(answer, request.repository);
        authorization = await authorizer.answer(answer, request.scope, authorization);
      }
    },
    send: async (request) => await patiently(async () => await transport.once(request)),
    outlast: async (failure, attempt) =>
      await pauseAfter(failure, attempt, { patience, signal, report }),
  };
  return transport;
}

/** The first address that answers HTTP at all. Where there is but one, its first request will tell. */
async function findBase(bases: readonly URL[], options: ExchangeOptions): Promise<URL> {
  const [first, second] = bases;
  if (first === undefined) throw new TypeError("a registry has at least one address");
  if (second === undefined) return first;
  try {
    await exchange({ method: "GET", url: first }, options);
    return first;
  } catch (error) {
    if (isFailure(error) && !isFailure(error, "REGISTRY_PLAIN_HTTP")) throw error;
  }
  await exchange({ method: "GET", url: second }, options);
  return second;
}

function withAuthorization(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}

function failureOf(
  answer: Answer,
  { repository, what }: RegistryRequest,
  registry: string,
): TransshipError | TransientFailure {
  if (answer.status >= 300 && answer.status < 400) {
    const reason = "it was sent on to another address, and only reading may be";
    const facts = { registry, request: what, status: answer.status, code: "", reason };
    return fail("REGISTRY_REJECTED", facts);
  }
  return answerFailure(answer, { registry, repository, request: what });
}
