/** A port of the loopback, which is there before what answers on it is loaded. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** On 127.0.0.1. Another server may take it over (`listen`), connections that wait with it. @throws the system's error where none is free */
export async function openPort(): Promise<Server> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("it has no port");
  return address.port;
}
