/**
 * What a server is reached by: one ssh connection with a shell at its end, and an endpoint of ours that it carries there. It takes long
 * to be made, so it is begun before anything else is loaded, and this file loads little.
 */
import type { Server } from "node:net";
import { openRemoteShell, type RemoteShell } from "../process/remote-shell.ts";
import type { SshTarget } from "../process/ssh.ts";
import type { Digest } from "../oci/digest.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { openPort, portOf } from "./endpoint/port.ts";

export interface Connection {
  readonly target: SshTarget;
  readonly shell: RemoteShell;
  /** What an engine pulls from; absent where it goes over a registry. */
  readonly endpoint: Endpoint | undefined;
  /** Whoever hears of the bytes that are sent from now on. */
  onSent: (digest: Digest, bytes: number, upTo: number) => void;
  /** Aborted with the reason where a blob cannot be read: no engine will get it, and its patience is not waited for. */
  readonly broken: AbortSignal;
  close(): Promise<void>;
}

/** Begins to connect. @throws the system's error where no port of the loopback is free */
export async function connect(
  target: SshTarget,
  { signal, hasEndpoint }: { readonly signal: AbortSignal; readonly hasEndpoint: boolean },
): Promise<Connection> {
  const broken = new AbortController();
  const port = hasEndpoint ? await openPort() : undefined;
  const shell = openRemoteShell(target, {
    ...(port === undefined ? {} : { forward: portOf(port) }),
    signal: AbortSignal.any([signal, broken.signal]),
  });
  const open = async (listener: Server) => {
    // What speaks HTTP is loaded while ssh connects; until then nobody knows of the port.
    const { openEndpoint } = await import("./endpoint/endpoint.ts");
    return await openEndpoint({
      listener,
      onSent: (digest, bytes, upTo) => connection.onSent(digest, bytes, upTo),
      onFailure: (error) => broken.abort(error),
    });
  };
  const endpoint = port && (await open(port));
  const connection: Connection = {
    target,
    shell,
    endpoint,
    onSent: () => {},
    broken: broken.signal,
    close: async () => void (await Promise.all([shell.close(), endpoint?.close()])),
  };
  return connection;
}
