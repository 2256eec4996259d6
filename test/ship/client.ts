/** Clients of the endpoint: a proper one, and one that speaks as it likes, bytes over a socket, answers taken apart by hand. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  /** In lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface RawClient {
  readonly socket: Socket;
  send(text: string | Uint8Array): void;
  /** What has come until now. */
  readonly received: Buffer;
  /** All that came, when the other side has ended the connection, in whatever way. */
  ended(): Promise<Buffer>;
  /** Waits until so many bytes have come, or the connection has ended. */
  until(bytes: number): Promise<Buffer>;
}

export async function rawClient(
  port: number,
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<RawClient> {
  const socket = connect({ ...options, port, host: "127.0.0.1" });
  const chunks: Buffer[] = [];
  let length = 0;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
  });
  // A reset is an end like any other.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => {
    socket.once("close", resolve);
  });
  await once(socket, "connect");
  return {
    socket,
    send: (text) => void socket.write(text),
    get received() {
      return Buffer.concat(chunks);
    },
    async ended() {
      await closed;
      return Buffer.concat(chunks);
    },
    async until(bytes) {
      await new Promise<void>((resolve) => {
        const look = () => {
          if (length < bytes && !socket.closed) return;
          socket.off("data", look);
          resolve();
        };
        socket.on("data", look);
        void closed.then(look);
        look();
      });
      return Buffer.concat(chunks);
    },
  };
}

/** Sends those bytes over a connection of their own, and takes what comes until it ends. */
export async function exchange(port: number, text: string | Uint8Array): Promise<Buffer> {
  const client = await rawClient(port);
  client.send(text);
  return await client.ended();
}

/** A request as engines make them. */
export function requestText(
  target: string,
  { method = "GET", headers = {} }: RequestWishes = {},
): string {
  const lines = Object.entries({ Host: "127.0.0.1", ...headers });
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

export interface RequestWishes {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks one thing as a proper client does, over a connection of its own. */
export async function ask(
  port: number,
  target: string,
  { method = "GET", headers = {} }: RequestWishes = {},
): Promise<Answer> {
  const asked = request({ host: "127.0.0.1", port, path: target, method, headers, agent: false });
  asked.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve).once("error", reject);
  });
  const body = await buffer(response);
  const fields = Object.entries(response.headers).map(
    ([name, value]) => [name, String(value)] as const,
  );
  return { status: response.statusCode ?? 0, headers: new Map(fields), body };
}

/**
 * Answers one behind the other. One without its body is one to HEAD, or was cut off.
 * @throws SyntaxError where there is anything else
 */
export function readAnswers(bytes: Buffer): readonly Answer[] {
  const answers: Answer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    const [line = "", ...fields] = bytes.toString("latin1", at, end).split("\r\n");
    const [, status] = /^HTTP\/1\.1 (\d{3}) [A-Z]/.exec(line) ?? [];
    if (end === -1 || status === undefined) throw new SyntaxError(`no answer: ${line}`);
    const headers = new Map(fields.map(readField));
    const start = end + 4;
    const hasBody = bytes.toString("latin1", start, start + 9) !== "HTTP/1.1 ";
    const length = hasBody ? Number(headers.get("content-length") ?? 0) : 0;
    const body = bytes.subarray(start, start + length);
    answers.push({ status: Number(status), headers, body });
    at = start + length;
  }
  return answers;
}

function readField(field: string): readonly [string, string] {
  const colon = field.indexOf(": ");
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)];
}
