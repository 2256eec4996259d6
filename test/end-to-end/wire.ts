/** A wire between ssh and its server that can be cut, held or dead at any byte: a proxy on this machine's loopback. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { execa } from "execa";
import { freshBytes, freshLayout } from "./cargo.ts";
import { type Dock, names } from "./dock.ts";
import { type CleanUp, until } from "./engine.ts";

export interface Wire {
  readonly port: number;
  /** Bytes that went to the server so far, of all connections. */
  sent(): number;
  /** Breaks every connection. */
  cut(): void;
  /** Breaks every connection when that many bytes more have gone to the server. */
  cutAfter(bytes: number): void;
  /** Lets no more than that many bytes more through to the server; they wait. */
  holdAfter(bytes: number): void;
  /** Lets all through again. */
  release(): void;
  /** From now on nothing comes through what is connected, in either direction, and neither end hears of the other. */
  die(): void;
}

/** Where the server's ssh is. */
export async function wireTo(address: string, context: CleanUp): Promise<Wire> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const dead = new Set<readonly [Socket, Socket]>();
  let [sent, cutAt, holdAt] = [0, Infinity, Infinity];
  let waiting: (() => void)[] = [];
  const breakAll = () => {
    for (const [near, far] of [...pairs, ...dead]) {
      near.destroy();
      far.destroy();
    }
  };
  const forward = (near: Socket, far: Socket, chunk: Buffer) => {
    if (sent >= holdAt) {
      near.pause();
      waiting.push(() => {
        forward(near, far, chunk);
        near.resume();
      });
      return;
    }
    const room = cutAt - sent;
    sent += Math.min(room, chunk.length);
    far.write(chunk.subarray(0, room));
    if (sent >= cutAt) breakAll();
  };
  const server = createServer((near) => {
    const far = connect(22, address);
    const pair = [near, far] as const;
    pairs.add(pair);
    near.on("data", (chunk) => forward(near, far, Buffer.from(chunk)));
    far.pipe(near);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on("error", () => {});
      one.on("close", () => {
        if (pairs.delete(pair)) other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    breakAll();
    server.close();
    await once(server, "close");
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    sent: () => sent,
    cut: breakAll,
    cutAfter: (bytes) => void (cutAt = sent + bytes),
    holdAfter: (bytes) => void (holdAt = sent + bytes),
    die() {
      for (const pair of pairs) {
        dead.add(pair);
        for (const one of pair) one.removeAllListeners("data").unpipe().pause();
      }
      pairs.clear();
      waiting = [];
    },
    release() {
      [cutAt, holdAt] = [Infinity, Infinity];
      for (const one of waiting.splice(0)) one();
    },
  };
}

/** The server behind a wire that can be cut, by the address at which ssh finds it. */
export async function behindWire({ machine }: Dock, context: CleanUp) {
  const wire = await wireTo(machine.address, context);
  await machine.server.trustHostKey(`[127.0.0.1]:${wire.port}`);
  return { wire, address: `ssh://root@127.0.0.1:${wire.port}` };
}

/** Starts to ship an image, as `ship` does, and waits until half of it has gone through the wire and no more does. */
export async function heldAt<Running>(
  bay: Dock,
  context: CleanUp,
  start: (layout: string, address: string) => Running,
) {
  const { wire, address } = await behindWire(bay, context);
  const layout = await freshLayout(context);
  wire.holdAfter(freshBytes / 2);
  const running = start(layout, address);
  await until(async () => wire.sent() >= freshBytes / 2);
  return { wire, address, layout, running };
}

/** How pgrep and pkill find the ssh that goes through it. */
function sshOf(wire: Wire): readonly string[] {
  return ["-f", "--", `-p ${wire.port} -- 127.0.0.1`];
}

export async function killSsh(wire: Wire): Promise<void> {
  const { stdout: pid } = await execa("pgrep", ["-o", ...sshOf(wire)]);
  process.kill(Number(pid), "SIGKILL");
}

/** Nothing of a run that failed: no process of ssh, no temporary name, no listener on the server's loopback. */
export async function assertNothingLeft({ machine }: Dock, wire: Wire): Promise<void> {
  const ssh = await execa("pgrep", sshOf(wire), { reject: false });
  assert.equal(ssh.stdout, "");
  const temporary = (await names(machine)).filter(isTemporary);
  assert.deepEqual(temporary, []);
  await until(async () => (await machine.loopbackPorts()).size === 0);
}

export function isTemporary(name: string): boolean {
  return name.startsWith("127.0.0.1:");
}
