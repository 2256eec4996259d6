/** A connection over which requests go one after the other. Nothing is sent twice, and whatever goes wrong has its reason. */
import { connect } from "node:net";
import { answerReader, type AnswerReader } from "./answer.ts";

/**
 * Why a request failed. `before the answer`: not one byte of it had come. `late`: the deadline passed. `error`: what connect(2) says
 * of this machine (`EADDRNOTAVAIL`).
 */
export type Reason =
  | "refused"
  | "unreachable"
  | `reset ${Moment}`
  | `closed ${Moment}`
  | `late ${Moment | "connecting"}`
  | "not HTTP"
  | `status ${number}`
  | `error ${string}`;

type Moment = "before the answer" | "within the answer";

export interface Outcome {
  /** Absent: it was answered with 200, and whole. */
  readonly reason?: Reason;
  readonly release?: string;
}

export interface Connection {
  /** Whether it may be given another request: neither side has ended it, and there is no request under way. */
  readonly isIdle: boolean;
  /** Sends a request and waits for its answer; never rejects. */
  exchange(request: string, deadlineMs: number): Promise<Outcome>;
  close(): void;
}

interface Exchange {
  readonly reader: AnswerReader;
  readonly deadline: NodeJS.Timeout;
  readonly resolve: (outcome: Outcome) => void;
}

export function openConnection(address: string, port: number): Connection {
  const socket = connect({ host: address, port, noDelay: true });
  let current: Exchange | undefined;
  let isConnected = false;
  let isOpen = true;
  let error: string | undefined;
  const settle = (reason?: Reason) => {
    if (current === undefined) return;
    const { reader, deadline, resolve } = current;
    current = undefined;
    clearTimeout(deadline);
    const { answer } = reader;
    if (reason !== undefined || answer?.isKept !== true) {
      isOpen = false;
      socket.destroy();
    }
    const { status = 200, release } = answer ?? {};
    const why = reason ?? (status === 200 ? undefined : (`status ${status}` as const));
    resolve({
      ...(why === undefined ? {} : { reason: why }),
      ...(release === undefined ? {} : { release }),
    });
  };
  const moment = () =>
    current?.reader.hasBegun === true ? "within the answer" : "before the answer";
  socket.on("connect", () => {
    isConnected = true;
  });
  socket.on("data", (chunk) => {
    // What nobody asked for, as a server says 408 before it closes.
    if (current === undefined) {
      isOpen = false;
      socket.destroy();
      return;
    }
    const progress = current.reader.read(chunk);
    if (progress !== "more") settle(progress === "broken" ? "not HTTP" : undefined);
  });
  socket.on("end", () => {
    isOpen = false;
    if (current !== undefined) {
      settle(current.reader.end() === "done" ? undefined : `closed ${moment()}`);
    }
  });
  socket.on("error", ({ code, name }: NodeJS.ErrnoException) => {
    error = code ?? name;
  });
  socket.on("close", () => {
    isOpen = false;
    settle(error === undefined ? `closed ${moment()}` : reasonOf(error, isConnected, moment()));
  });
  return {
    get isIdle() {
      return isOpen && current === undefined;
    },
    async exchange(request, deadlineMs) {
      return await new Promise((resolve) => {
        const deadline = setTimeout(
          () => settle(isConnected ? `late ${moment()}` : "late connecting"),
          deadlineMs,
        );
        current = { reader: answerReader(), deadline, resolve };
        socket.write(request);
      });
    },
    close() {
      isOpen = false;
      socket.destroy();
    },
  };
}

function reasonOf(code: string, isConnected: boolean, moment: Moment): Reason {
  if (code === "ECONNREFUSED") return "refused";
  // A write after the other side's reset.
  if (code === "ECONNRESET" || (code === "EPIPE" && isConnected)) return `reset ${moment}`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "unreachable";
  return `error ${code}`;
}
