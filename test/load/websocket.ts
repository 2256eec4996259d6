/** A websocket that says something four times a second, wants it echoed, and tells how it ended. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { acceptKey, closeCode, closePayload, frameOf, frameReader, opcodes } from "./frames.ts";

/** Milliseconds between two messages. */
const every = 250;
/** Milliseconds in which the server has to answer our close. */
const farewell = 1000;
const headLimit = 65_536;

export interface SocketResult {
  /** ms since the load's start; absent: the handshake failed. */
  readonly openedAt?: number;
  /** ms since the load's start. */
  readonly closedAt: number;
  /** Who ended it; `load`: it was open until the load was stopped. */
  readonly closedBy: "server" | "load";
  /** That of the close frame; 1005 where it had none, 1006 where the connection ended without one (RFC 6455, 7.1.5). */
  readonly code: number;
  /** What went wrong, where the handshake failed or the connection broke: `ECONNRESET`, `status 503`. */
  readonly error?: string;
  readonly sent: number;
  /** Messages that came back as they were. */
  readonly echoed: number;
  /** ms that the slowest echo took; 0 where there was none. */
  readonly slowestEcho: number;
  readonly release?: string;
}

export interface WebsocketTarget {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly host: string;
  readonly deadlineMs: number;
}

export interface OpenWebsocket {
  /** Closes it where it is open, and says how it went. */
  stop(): Promise<SocketResult>;
}

/** Opens it once: one that ends is not opened again. `now` gives ms since the load's start. */
export function openWebsocket(target: WebsocketTarget, now: () => number): OpenWebsocket {
  const socket = connect({ host: target.address, port: target.port, noDelay: true });
  const key = randomBytes(16).toString("base64");
  const read = frameReader();
  const waiting = new Map<string, number>();
  let head: Buffer | undefined = Buffer.alloc(0);
  let [sent, echoed, slowestEcho] = [0, 0, 0];
  let openedAt: number | undefined;
  let closedAt: number | undefined;
  let code: number | undefined;
  let isStopped = false;
  let error: string | undefined;
  let release: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (why?: string) => {
    error ??= why;
    socket.destroy();
  };
  const send = (opcode: number, payload: Uint8Array) =>
    socket.write(frameOf(opcode, payload, "client"));
  const say = () => {
    const text = `ping ${sent}`;
    waiting.set(text, now());
    sent += 1;
    send(opcodes.text, Buffer.from(text));
  };
  const open = (text: string) => {
    const accepted = acceptedIn(text, key);
    ({ release } = accepted);
    if (accepted.error !== undefined) {
      end(accepted.error);
      return;
    }
    openedAt = now();
    say();
    timer = setInterval(say, every);
  };
  const take = (chunk: Buffer) => {
    for (const frame of read(chunk)) {
      // Nothing follows a close.
      if (code !== undefined) return;
      const { opcode, payload } = frame;
      const text = payload.toString();
      if (opcode === opcodes.ping) send(opcodes.pong, payload);
      const since = opcode === opcodes.text ? waiting.get(text) : undefined;
      if (since !== undefined) {
        waiting.delete(text);
        echoed += 1;
        slowestEcho = Math.max(slowestEcho, now() - since);
      }
      if (opcode !== opcodes.close) continue;
      code = closeCode(frame);
      clearInterval(timer);
      if (!isStopped) {
        closedAt = now();
        send(opcodes.close, closePayload(code === 1005 ? 1000 : code));
      }
      socket.end();
    }
  };
  socket.on("connect", () => socket.write(handshake(target, key)));
  socket.on("data", (chunk) => {
    try {
      if (head === undefined) {
        take(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const at = head.indexOf("\r\n\r\n");
      if (at === -1) {
        if (head.length > headLimit) end("not HTTP");
        return;
      }
      const [text, rest] = [head.toString("latin1", 0, at), head.subarray(at + 4)];
      head = undefined;
      open(text);
      take(rest);
    } catch (problem) {
      end(problem instanceof Error ? problem.message : String(problem));
    }
  });
  socket.on("error", (problem: NodeJS.ErrnoException) => {
    error ??= problem.code ?? problem.name;
  });
  const deadline = setTimeout(() => {
    if (openedAt === undefined) end("late");
  }, target.deadlineMs);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      clearTimeout(deadline);
      clearInterval(timer);
      closedAt ??= now();
      resolve();
    });
  });
  return {
    async stop() {
      // One that has ended by now was ended by the server, whoever closes what is left of it.
      const closedBy = closedAt === undefined ? "load" : "server";
      isStopped = true;
      clearInterval(timer);
      if (closedBy === "load") {
        closedAt = now();
        // The server reads it behind all messages, so that it echoes them before it answers.
        if (openedAt === undefined) end("not open yet");
        else send(opcodes.close, closePayload(1000));
      }
      const patience = setTimeout(() => end(), farewell);
      await closed;
      clearTimeout(patience);
      return {
        closedAt: closedAt ?? now(),
        closedBy,
        code: code ?? 1006,
        sent,
        echoed,
        slowestEcho,
        ...(openedAt === undefined ? {} : { openedAt }),
        ...(error === undefined ? {} : { error }),
        ...(release === undefined ? {} : { release }),
      };
    },
  };
}

function handshake({ path, host }: WebsocketTarget, key: string): string {
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${upgrade}Sec-WebSocket-Key: ${key}\r\n\r\n`;
}

function acceptedIn(
  head: string,
  key: string,
): { readonly release?: string; readonly error?: string } {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
  const [, release] = /^x-release:[ \t]*(.*?)[ \t]*\r?$/im.exec(head) ?? [];
  const [, accept] = /^sec-websocket-accept:[ \t]*(\S+)/im.exec(head) ?? [];
  const error =
    status !== "101"
      ? status === undefined
        ? "not HTTP"
        : `status ${status}`
      : accept === acceptKey(key)
        ? undefined
        : "a wrong Sec-WebSocket-Accept";
  return {
    ...(release === undefined ? {} : { release }),
    ...(error === undefined ? {} : { error }),
  };
}
