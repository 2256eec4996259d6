/** A service in a container, that tells which release it is: node of this machine, by mounts, on an image that is almost empty. */
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { tarOf } from "../image/image.ts";

const serviceImage = "transship-service:1";
export const servicePort = 3000;

/** It goes on being rude: whatever it has is cut when it is told to end. `/slow` takes half a second, `/bad` is a 500. */
const program = `
const release = process.argv[1];
const server = require("node:http").createServer((asked, answer) => {
  asked.resume().on("end", () => setTimeout(() => {
    answer.statusCode = asked.url === "/bad" ? 500 : 200;
    answer.setHeader("release", release);
    answer.end(JSON.stringify(asked.headers));
  }, asked.url === "/slow" ? 500 : 0));
});
server.on("upgrade", (asked, socket) => {
  const key = asked.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = require("node:crypto").createHash("sha1").update(key).digest("base64");
  const lines = ["101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: " + accept];
  socket.write("HTTP/1.1 " + lines.join("\\r\\n") + "\\r\\n\\r\\n");
  socket.on("error", () => {}).pipe(socket);
});
server.listen(${servicePort});
process.on("SIGTERM", () => process.exit());`;

/** By symbolic links, as Debian's `/usr` has it all. */
export async function bringServiceImage(env: Readonly<Record<string, string>> = {}): Promise<void> {
  const there = await execa("docker", ["image", "inspect", serviceImage], { env, reject: false });
  if (there.exitCode === 0) return;
  const links = ["bin", "lib", "lib64"].map(
    (name) => [name, { type: "symlink", linkname: `usr/${name}` }] as const,
  );
  const input = await tarOf(Object.fromEntries(links));
  await execa("docker", ["import", "-", serviceImage], { input, env });
}

/** Of `docker create`, after which come the name and what else it is to have. */
export function serviceArguments(release: string, ...more: readonly string[]): readonly string[] {
  const mounts = ["/usr:/usr:ro", `${process.execPath}:/node:ro`];
  return [
    ...mounts.flatMap((mount) => ["--volume", mount]),
    ...more,
    serviceImage,
    "/node",
    "-e",
    program,
    release,
  ];
}

/** Waits until it answers there. */
export async function answers(address: string, port = servicePort): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    }
  }
}
