/** Reads from docker's own words why it could not do what it was asked. */
import { fail, type TransshipError } from "../errors.ts";
import type { Finished } from "../process/run.ts";

/**
 * The failures that any docker command can meet, told apart by the client's messages
 * (docker/cli `cli/command`, moby/moby `client/errors.go`); `undefined` for a failure of the command's own.
 */
export function engineFailure(
  finished: Pick<Finished, "stderr" | "exitCode">,
): TransshipError | undefined {
  const { stderr } = finished;
  if (/permission denied while trying to connect/i.test(stderr)) {
    return fail("ENGINE_PERMISSION_DENIED", { host: hostIn(stderr) });
  }
  if (
    /cannot connect to the docker daemon|error during connect|failed to connect to the docker API|dial unix/i.test(
      stderr,
    )
  ) {
    return fail("ENGINE_UNREACHABLE", { host: hostIn(stderr), reason: stderr.trim() });
  }
  const unknownContext = /context "([^"]+)": context not found/i.exec(stderr)?.[1];
  if (unknownContext !== undefined) return fail("CONTEXT_UNKNOWN", { context: unknownContext });
  if (/(?:'buildx' is not a docker command|unknown command: docker buildx)/i.test(stderr)) {
    return fail("BUILDX_MISSING", { engine: hostIn(stderr) });
  }
  if (/no space left on device/i.test(stderr))
    return fail("DISK_FULL", { where: "the engine's disk" });
  return undefined;
}

function hostIn(stderr: string): string {
  const host = /\b(?:unix|tcp|npipe|ssh|https?):\/\/[^\s"')]*[^\s"').:,]/.exec(stderr)?.[0];
  if (host === undefined) return "its socket";
  // What the client writes in place of an address that it reaches over ssh (docker/cli, `cli/connhelper`).
  return host.includes("docker.example.com") ? "the other end of ssh" : host;
}
