/** The engine's own interface (Docker Engine API), spoken to directly: a container's life in a few milliseconds of ours. */
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import * as z from "zod";
import { pauseFor } from "../../src/process/wait.ts";

const never = new AbortController().signal;
const created = z.object({ Id: z.string() });
const waited = z.object({ StatusCode: z.number() });
const progress = z.object({ error: z.string().optional() });
const refusal = z.object({ message: z.string() });

/** What came of a container. */
export interface Ran {
  /** What the engine said when it could not be started. */
  readonly refused?: string;
  readonly exitCode?: number;
  /** Both streams, as they came. */
  readonly output: string;
}

export interface Started {
  readonly image: string;
  /** What `docker run --platform` names. */
  readonly platform?: string;
  /** Replaces the image's own. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  /** `/usr/bin/qemu-x86_64-static:/qemu:ro`. */
  readonly binds?: readonly string[];
}

/** Creates a container, starts it, waits for its end (`deadlineMs`, then it is killed) and removes it. */
export async function runContainer(
  socket: string,
  container: Started,
  deadlineMs = 120_000,
): Promise<Ran> {
  const made = await createContainer(socket, container);
  if (made.status >= 400) return { refused: messageOf(made.bytes), output: "" };
  const at = `/containers/${created.parse(JSON.parse(made.bytes.toString())).Id}`;
  const kill = () => void call(socket, "POST", `${at}/kill`).catch(() => {});
  try {
    // Attached before it starts: its log may lag behind its end.
    const stream = await open(socket, "POST", `${at}/attach?stream=1&stdout=1&stderr=1`);
    // An emulator sends itself the signal that ends its program; as the first process of a container it does not die of it.
    stream.on("data", (chunk: Buffer) => chunk.includes("uncaught target signal") && kill());
    const printed = buffer(stream);
    const start = await call(socket, "POST", `${at}/start`);
    if (start.status >= 400) {
      stream.destroy();
      await printed.catch(() => {});
      return { refused: messageOf(start.bytes), output: "" };
    }
    const killer = setTimeout(kill, deadlineMs);
    const end = await call(socket, "POST", `${at}/wait`);
    clearTimeout(killer);
    const exitCode = waited.parse(JSON.parse(end.bytes.toString())).StatusCode;
    const output = withoutFrames(await printed);
    return { exitCode, output: output === "" && exitCode !== 0 ? await logs(socket, at) : output };
  } finally {
    await call(socket, "DELETE", `${at}?force=true&v=true`);
  }
}

async function createContainer(socket: string, container: Started) {
  const { image, platform, entrypoint, command, env, binds = [] } = container;
  const body = {
    Image: image,
    NetworkDisabled: true,
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
    ...(command === undefined ? {} : { Cmd: command }),
    ...(env === undefined ? {} : { Env: env }),
    HostConfig: { Binds: binds, NetworkMode: "none" },
  };
  const query = platform === undefined ? "" : `?${new URLSearchParams({ platform }).toString()}`;
  return await call(socket, "POST", `/containers/create${query}`, body);
}

/** Pulls an image; what the engine says when it cannot. */
export async function pullImage(
  socket: string,
  image: string,
  platform: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({ fromImage: image, platform }).toString();
  const answer = await call(socket, "POST", `/images/create?${query}`);
  if (answer.status >= 400) return messageOf(answer.bytes);
  // One document a line; an error comes with the status 200.
  const lines = answer.bytes.toString().trim().split("\n");
  return lines.flatMap((line) => progress.parse(JSON.parse(line)).error ?? []).at(-1);
}

/** Takes an image away, whatever uses it. */
export async function removeImage(socket: string, image: string): Promise<void> {
  await call(socket, "DELETE", `/images/${image}?force=true`);
}

/** What the engine kept of its words; a program that ends at once may be gone before the engine listens, and its log lags. */
async function logs(socket: string, at: string): Promise<string> {
  for (let tries = 0; tries < 10; tries += 1) {
    const { status, bytes } = await call(socket, "GET", `${at}/logs?stdout=1&stderr=1`);
    if (status === 200 && bytes.length > 0) return withoutFrames(bytes);
    await pauseFor(100, never);
  }
  return "";
}

/** Both streams of a container come in frames of eight bytes: stream, three zeros, length (Engine API, "Attach to a container"). */
function withoutFrames(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts).toString();
}

function messageOf(bytes: Buffer): string {
  return refusal.parse(JSON.parse(bytes.toString())).message;
}

async function call(
  socket: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly bytes: Buffer }> {
  const answer = await open(socket, method, path, body);
  return { status: answer.statusCode ?? 0, bytes: await buffer(answer) };
}

async function open(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
): Promise<IncomingMessage> {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  return await new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path: `/v1.44${path}`, headers }, resolve);
    asked.once("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
