/** One HTTP exchange: a request out, a bounded answer in, and a watch over both. Knows nothing of logins or retries. */
import { fail } from "../errors.ts";
import { type Answer, connectionFailure, TransientFailure } from "./failure.ts";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Hand the answer's body over as it comes. */
  readonly stream?: boolean;
}

/** What is sent. A stream is made when it is needed, and again for another try. */
export interface Body {
  /** Bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array> | Uint8Array;
}

export interface ExchangeOptions {
  /** Whom the errors name. */
  readonly registry: string;
  readonly signal: AbortSignal;
  /** Longest silence of the registry, in milliseconds: to an answer's first and next bytes, or while it takes what is sent. */
  readonly silenceMs?: number;
}

const defaultSilenceMs = 60_000;
/** Bytes a millisecond: a body that comes slower than this for longer than a silence may last has stalled. */
const slowest = 1;
/** Longest wait for the answer to an upload: a registry may copy what it got to a slow place first. */
const settleMs = 300_000;
/** Most bytes of an answer: the size of a manifest that every registry takes (distribution-spec, "Pushing Manifests"). */
const answerLimit = 4 * 1024 * 1024;

/**
 * Sends the request and reads the whole answer, whatever its status says. Only GET and HEAD follow redirects, and fetch leaves
 * the login behind where they lead to another origin.
 * @throws REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED, REGISTRY_PLAIN_HTTP (as TransientFailure where it may pass), the signal's reason
 */
export async function exchange(
  { method, url, headers, body, stream = false }: HttpRequest,
  { registry, signal, silenceMs = defaultSilenceMs }: ExchangeOptions,
): Promise<Answer> {
  const watch = startWatch(registry, silenceMs);
  const isRead = method === "GET" || method === "HEAD";
  let isStreamed = false;
  try {
    const response = await fetch(url, {
      method,
      redirect: isRead ? "follow" : "manual",
      signal: AbortSignal.any([signal, watch.signal]),
      headers: {
        "user-agent": "transship",
        ...headers,
        ...(body === undefined ? {} : { "content-length": String(body.size) }),
      },
      ...(body === undefined ? {} : { body: watched(body.open(), watch), duplex: "half" as const }),
    });
    watch.touch();
    refuseDowngrade(url, response.url, registry);
    if (stream && [200, 206].includes(response.status) && response.body !== null) {
      isStreamed = true;
      const { status, headers: answered } = response;
      const content = streamed(response.body, watch, { registry, signal, silenceMs });
      return { status, headers: answered, bytes: new Uint8Array(), body: content };
    }
    return {
      status: response.status,
      headers: response.headers,
      bytes: await readBounded(response.body, watch, url),
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw connectionFailure(error, registry);
  } finally {
    if (!isStreamed) watch.end();
  }
}

/** The body as it comes, under the same watch until its end; what its reader takes time for is no silence. */
async function* streamed(
  body: ReadableStream<Uint8Array>,
  watch: Watch,
  { registry, signal, silenceMs }: Required<ExchangeOptions>,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  let waitedMs = 0;
  try {
    let asked = performance.now();
    for await (const chunk of body) {
      watch.rest();
      received += chunk.byteLength;
      waitedMs += performance.now() - asked;
      if (waitedMs > silenceMs && received < waitedMs * slowest)
        throw stalled(registry, received, waitedMs);
      yield chunk;
      asked = performance.now();
      watch.touch();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const failure = connectionFailure(error, registry);
    throw failure instanceof TransientFailure ? failure : new TransientFailure(failure);
  } finally {
    watch.end();
  }
}

function stalled(registry: string, received: number, waitedMs: number) {
  const reason = `it sent ${received} bytes in ${Math.round(waitedMs / 1000)} s`;
  return fail("REGISTRY_UNREACHABLE", { registry, reason });
}

/** Ends the exchange when nothing has moved for too long. */
interface Watch {
  readonly signal: AbortSignal;
  /** Something moved; the next thing must within that many milliseconds, or as long as a silence may last. */
  touch(ms?: number): void;
  /** Nothing has to move until the next touch. */
  rest(): void;
  end(): void;
}

function startWatch(registry: string, silenceMs: number): Watch {
  const controller = new AbortController();
  let allowedMs = silenceMs;
  let isEnded = false;
  let isResting = false;
  let timer = setTimeout(bark, silenceMs);
  function bark() {
    const reason = `it was silent for ${allowedMs / 1000} s`;
    controller.abort(fail("REGISTRY_UNREACHABLE", { registry, reason }));
  }
  return {
    signal: controller.signal,
    touch(ms = silenceMs) {
      // What is sent may go on for a moment after an early answer; a timer set then would keep the process for minutes.
      if (isEnded) return;
      if (ms === allowedMs && !isResting) {
        timer.refresh();
        return;
      }
      clearTimeout(timer);
      allowedMs = ms;
      isResting = false;
      timer = setTimeout(bark, ms);
    },
    rest() {
      isResting = true;
      clearTimeout(timer);
    },
    end() {
      isEnded = true;
      clearTimeout(timer);
      // An answer may come before all is sent; only an abort makes fetch let go of the rest.
      controller.abort();
    },
  };
}

async function* watched(
  content: AsyncIterable<Uint8Array> | Uint8Array,
  watch: Watch,
): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else {
    for await (const chunk of content) {
      watch.touch();
      yield chunk;
    }
  }
  watch.touch(settleMs);
}

async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  watch: Watch,
  url: URL,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    watch.touch();
    size += chunk.byteLength;
    if (size > answerLimit) {
      throw new RangeError(`${url.pathname} is larger than ${answerLimit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** What was asked for with TLS must not come without it: a tag has no digest to hold it against. */
function refuseDowngrade(requested: URL, answered: string, registry: string): void {
  if (requested.protocol !== "https:" || !answered.startsWith("http:")) return;
  const reason = "it leads to an address without TLS";
  throw fail("REGISTRY_UNREACHABLE", { registry, reason });
}
