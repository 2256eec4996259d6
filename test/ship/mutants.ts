/** Sends an endpoint what was changed at random, and holds what comes back to what may. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { randomOf } from "../random.ts";
import { type Answer, rawClient, readAnswers } from "./client.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import { mutated } from "./mutation.ts";

export const mutantOptions = {
  // Short, because much of what is sent is no whole request.
  limits: { connections: 64, requestMs: 60, waitMs: 10, idleMs: 500 },
  /** A blob of several pieces. */
  more: [Buffer.from("a piece of a blob\n".repeat(40_000))],
};

export interface Mutant {
  readonly text: string;
  /** What is wrong with the endpoint. */
  readonly fault: string | undefined;
  readonly answers: readonly Answer[];
}

/** One exchange, the same for the same seed as far as sockets let it be. */
export async function sendMutant(live: LiveEndpoint, seed: number): Promise<Mutant> {
  const random = randomOf(seed);
  const text = mutated(live, random);
  const bytes = Buffer.from(text, "latin1");
  const client = await rawClient(live.port);
  const pieces = random() < 0.7 ? 1 : 1 + Math.floor(random() * 5);
  for (let n = 0; n < pieces; n += 1) {
    client.send(
      bytes.subarray((bytes.length * n) / pieces, Math.floor((bytes.length * (n + 1)) / pieces)),
    );
    if (pieces > 1) await nextTurn();
  }
  if (random() < 0.1) {
    // Gone, at some moment.
    if (random() < 0.5) await client.until(1);
    if (random() < 0.5) client.socket.destroy();
    else client.socket.resetAndDestroy();
    return { text, fault: undefined, answers: [] };
  }
  const received = await client.ended();
  try {
    const answers = readAnswers(received);
    return { text, answers, fault: faultIn(answers, text, live) };
  } catch (error) {
    return { text, answers: [], fault: String(error) };
  }
}

const errorBody = /^\{"errors":\[\{"code":"[A-Z_]+"\}\]\}$/;

/** What may not be: other bytes than those of the image, or these to somebody who does not know the path. */
function faultIn(answers: readonly Answer[], text: string, live: LiveEndpoint): string | undefined {
  for (const [n, { status, headers, body }] of answers.entries()) {
    const digest = headers.get("docker-content-digest");
    const isEmpty = body.length === 0;
    if (
      isEmpty &&
      n < answers.length - 1 &&
      headers.get("content-length") !== "0" &&
      !text.includes("HEAD")
    )
      return `${status} without its body`;
    if (status >= 400) {
      if (!isEmpty && !errorBody.test(body.toString("latin1"))) return `${status} with a body`;
    } else if (digest === undefined) {
      if (!isEmpty && body.toString("latin1") !== "{}") return `${status} with a body`;
    } else if (!text.includes(live.base)) return `${digest}, for which nobody asked`;
    else if (!isEmpty) {
      const whole = expected(live, digest, headers);
      // Who sends nonsense meanwhile is cut, and whoever the machine makes wait too long.
      const isCut = n === answers.length - 1;
      if (!body.equals(isCut ? whole.subarray(0, body.length) : whole)) return "other bytes";
    }
  }
  return undefined;
}

function expected({ blobs }: LiveEndpoint, digest: string, headers: Answer["headers"]): Uint8Array {
  const [, bytes = Buffer.alloc(0)] = [...blobs].find(([own]) => own === digest) ?? [];
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(headers.get("content-range") ?? "") ?? [];
  return first === undefined ? bytes : bytes.subarray(Number(first), Number(last) + 1);
}
