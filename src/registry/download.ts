/** A blob as it comes, whatever happens on its way: gone on with where the connection broke, at the next place where one place fails. */
import { fail } from "../errors.ts";
import { formatSize } from "../oci/size.ts";
import { TransientFailure } from "./failure.ts";
import { pauseAfter, type RetryOptions } from "./retry.ts";

/** A place that has the blob. */
export interface Place extends Pick<RetryOptions, "patience"> {
  /** Whom the errors name. */
  readonly registry: string;
  /** The blob without its first `from` bytes. */
  open(from: number): Promise<AsyncIterable<Uint8Array>>;
}

export interface DownloadOptions<P extends Place> extends Pick<RetryOptions, "signal" | "report"> {
  /** Bytes of the whole blob. */
  readonly size: number;
  /** Called for a place that has failed for good, when there is another one. */
  readonly onFailure: (place: P, error: unknown) => void;
}

/** A connection that has brought as much as this may break as if it were the first to. */
const progressBytes = 1024 * 1024;

/**
 * The bytes of the blob, not held against its digest.
 * @throws the last place's errors: REGISTRY_UNREACHABLE and the others of {@link Place.open}; the signal's reason
 */
export async function* download<P extends Place>(
  places: readonly P[],
  options: DownloadOptions<P>,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const [n, place] of places.entries()) {
    try {
      for await (const chunk of downloadFrom(place, at, options)) {
        at += chunk.byteLength;
        yield chunk;
      }
      return;
    } catch (error) {
      if (options.signal.aborted || n === places.length - 1) throw error;
      options.onFailure(place, error);
    }
  }
}

/** What one place has of it, from there on. */
async function* downloadFrom(
  place: Place,
  from: number,
  { size, signal, report }: Pick<DownloadOptions<Place>, "size" | "signal" | "report">,
): AsyncGenerator<Uint8Array> {
  const { registry, patience } = place;
  let at = from;
  for (let attempt = 1; ; attempt += 1) {
    const begun = at;
    try {
      for await (const chunk of await place.open(at)) {
        at += chunk.byteLength;
        yield chunk;
      }
      if (at >= size) return;
      const reason = `it sent ${at} of ${size} bytes, and no more`;
      throw new TransientFailure(fail("REGISTRY_UNREACHABLE", { registry, reason }));
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      if (at - begun >= progressBytes) attempt = 1;
      await pauseAfter(error, attempt, { patience, signal, report });
      const text = `Going on after ${formatSize(at)} of ${formatSize(size)}.`;
      report({ kind: "detail", text });
    }
  }
}
