/**
 * The rest of a blob (RFC 9110, section 14). Ranges are asked for without `If-Range`: what a digest names does not change, and the
 * whole is held against it.
 */
import type { Answer } from "./failure.ts";

/** Asks for a body with those headers, and takes those statuses for an answer. */
type Ask = (
  headers: Readonly<Record<string, string>>,
  expect: readonly number[],
) => Promise<Answer>;

const rangeNotSatisfiable = 416;

/**
 * A body without its first `from` bytes. Where the registry has no ranges, or answers with another one than was asked for, all of it
 * comes, and its beginning is passed over. @throws what `ask` throws
 */
export async function openFrom(from: number, ask: Ask): Promise<AsyncIterable<Uint8Array>> {
  if (from === 0) return bodyOf(await ask({}, [200]));
  const answer = await ask({ range: `bytes=${from}-` }, [200, 206, rangeNotSatisfiable]);
  if (answer.status === 200) return withoutFirst(from, bodyOf(answer));
  if (answer.status === 206 && firstOf(answer) === from) return bodyOf(answer);
  await letGo(bodyOf(answer));
  return withoutFirst(from, bodyOf(await ask({}, [200])));
}

/** The first byte that the answer holds: `Content-Range: bytes 500-999/1000`. */
function firstOf({ headers }: Answer): number {
  const [, first] = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  return Number(first ?? Number.NaN);
}

async function* bodyOf({ body }: Answer): AsyncGenerator<Uint8Array> {
  if (body !== undefined) yield* body;
}

async function* withoutFirst(
  count: number,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of body) {
    const rest = chunk.subarray(left);
    left = Math.max(0, left - chunk.byteLength);
    if (rest.byteLength > 0) yield rest;
  }
}

/** Begins to read, and ends at once, so that the connection is closed. */
async function letGo(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of body) break;
  } catch {
    // It is closed all the same.
  }
}
