/**
 * What a server is reached by: one ssh connection with a shell at its end, and an endpoint of ours that it carries there. It takes long
 * to be made, so it is begun before anything else is loaded, and this file loads little.
 */
import { openRemoteShell, type RemoteShell } from "../process/remote-shell.ts";
import type { SshTarget } from "../process/ssh.ts";
import type { Digest } from "../oci/digest.ts";
import { type Endpoint, openEndpoint } from "./endpoint/endpoint.ts";

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
  const endpoint = hasEndpoint
    ? await openEndpoint({
        onSent: (digest, bytes, upTo) => connection.onSent(digest, bytes, upTo),
        onFailure: (error) => broken.abort(error),
      })
    : undefined;
  const shell = openRemoteShell(target, {
    ...(endpoint === undefined ? {} : { forward: endpoint.port }),
    signal: AbortSignal.any([signal, broken.signal]),
  });
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
