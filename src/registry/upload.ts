/** Sending one blob: whole or in chunks, and gone on with where the registry stands when it broke off. */
import type { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";
import { TransientFailure } from "./failure.ts";
import { piecesOf } from "./pieces.ts";
import type { Scope } from "./token.ts";
import type { Transport } from "./transport.ts";
import {
  finishSession,
  Refusal,
  resumeSession,
  sendChunk,
  sendWhole,
  type Session,
  startSession,
  type Upload,
} from "./upload-session.ts";

export interface BlobContent {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  open(): Promise<Readable>;
}

/** How the blob came there: `present` when another push was faster, `mounted` from another repository. */
export type Uploaded = "sent" | "mounted" | "present";

/** What one blob has learned of the registry, for those that follow. */
export interface ChunkTerms {
  /** Whether it takes chunks at all; some take each blob whole. */
  areTaken: boolean;
  /** Bytes of one; what is not larger goes whole. */
  size: number;
}

export interface UploadOptions {
  readonly repository: string;
  readonly blob: BlobContent;
  readonly scope: Scope;
  /** A repository of the same registry that may hold the blob. */
  readonly mountFrom?: string | undefined;
  readonly chunks: ChunkTerms;
  /** So many bytes more were handed over, and up to which place of the blob. */
  readonly onSent?: ((bytes: number, upTo: number) => void) | undefined;
  isThere(): Promise<boolean>;
}

/** What a break costs at most; under the 100 MB that proxies commonly allow. */
const usualChunk = 32 * 1024 * 1024;
/** What nginx allows where nobody told it otherwise (`client_max_body_size`). */
const leastChunk = 1024 * 1024;
/** An upload that has come as much further may break as if it were the first time. */
const progressBytes = 1024 * 1024;

export function usualChunks(): ChunkTerms {
  return { areTaken: true, size: usualChunk };
}

/** How far a blob has come. */
interface Course {
  session: Session | undefined;
  /** Whether the session is one that broke off. */
  isResumed: boolean;
  /** Which try this is since it last got on. */
  attempt: number;
  /** The furthest place from which it was gone on with. */
  furthest: number;
  mountFrom: string | undefined;
}

/** @throws the registry's errors, those of reading the blob */
export async function uploadBlob(transport: Transport, options: UploadOptions): Promise<Uploaded> {
  const { blob, onSent, chunks, repository, scope, mountFrom } = options;
  const { digest, size } = blob;
  const pieces = piecesOf({ size, onSent, open: async () => await blob.open() });
  const upload: Upload = { transport, repository, scope, digest, size, pieces };
  const course: Course = {
    session: undefined,
    isResumed: false,
    attempt: 1,
    furthest: 0,
    mountFrom,
  };
  try {
    for (let isFirst = true; ; isFirst = false) {
      try {
        // The answer to a finished upload may be what was lost.
        if (!isFirst && (await options.isThere())) return "present";
        return await advance(course, upload, chunks);
      } catch (error) {
        // A body that cannot be read looks like a connection that broke.
        const failure = pieces.failure() ?? afterFailure(error, course, chunks);
        if (failure instanceof TransientFailure) await transport.outlast(failure, course.attempt++);
        else if (failure !== undefined) throw failure;
      }
    }
  } finally {
    pieces.close();
  }
}

/** One try, from where the registry stands. @throws Refusal, TransientFailure */
async function advance(course: Course, upload: Upload, chunks: ChunkTerms): Promise<Uploaded> {
  let session = course.session && (await resumeSession(course.session, upload));
  course.isResumed = session !== undefined;
  if (session !== undefined && session.offset >= course.furthest + progressBytes) {
    course.furthest = session.offset;
    course.attempt = 1;
  }
  if (session === undefined) {
    const started = await startSession(upload, course.mountFrom);
    if (started === "mounted") return "mounted";
    session = started;
    course.mountFrom = undefined;
  }
  course.session = session;
  for await (const reached of sendFrom(session, upload, chunks)) course.session = reached;
  return "sent";
}

/** Sends what the registry lacks, and tells the session after each chunk. @throws Refusal */
async function* sendFrom(
  begun: Session,
  upload: Upload,
  chunks: ChunkTerms,
): AsyncGenerator<Session> {
  const { size } = upload;
  const isWhole = begun.offset === 0 && (size <= chunks.size || !chunks.areTaken);
  if (isWhole) return await sendWhole(begun, upload);
  let session = begun;
  while (session.offset < size) {
    const most = Math.max(chunks.size, session.leastChunk);
    session = await sendChunk(session, Math.min(most, size - session.offset), upload);
    yield session;
  }
  await finishSession(session, upload);
}

/** What is to be learned from a failure; `undefined` where it may go another way at once. */
function afterFailure(error: unknown, course: Course, chunks: ChunkTerms): unknown {
  if (!(error instanceof Refusal)) {
    if (!chunks.areTaken) course.session = undefined;
    return error;
  }
  const { lasting, what, size, isTooLarge } = error;
  // Between two chunks an upload stands.
  if (what === "whole" || !isTooLarge) course.session = undefined;
  if (isTooLarge && chunks.areTaken && size > leastChunk) {
    while (chunks.size >= size) chunks.size /= 2;
    chunks.size = Math.max(leastChunk, chunks.size);
    return undefined;
  }
  if (what === "whole" || isTooLarge) return lasting;
  // The session may be what was refused: it is begun anew.
  if (course.isResumed) return new TransientFailure(lasting);
  chunks.areTaken = false;
  return undefined;
}
