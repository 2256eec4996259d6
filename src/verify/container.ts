/** What a process of the image finds around it: files, user, environment, working directory, processor. */
import type { Tree } from "../filesystem/tree.ts";
import type { ImageConfig } from "../oci/document.ts";
import type { Platform } from "../platform/platform.ts";
import type { CpuLevel } from "./cpu.ts";
import { findUser, type User, type UserMissing } from "./user.ts";

export interface Container {
  readonly platform: Platform;
  readonly tree: Tree;
  /** The user that the image names; root where it names none, or one that is not there. */
  readonly user: User;
  readonly environment: ReadonlyMap<string, string>;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Whether a process runs as the user alone; absent while the runtime starts it, which keeps root's right to pass over modes. */
  readonly isDropped?: true;
  /** The processor that it must start on; absent where none was named. */
  readonly cpu?: CpuLevel;
}

/** What the engine sets where the image has no PATH (moby, `oci/defaults.go`). */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The container that an engine makes of an image when nothing else is asked of it. */
export function containerOf(
  tree: Tree,
  config: ImageConfig["config"],
  { platform, cpu }: Pick<Container, "platform" | "cpu">,
): { readonly container: Container; readonly userMissing?: UserMissing } {
  const found = findUser(tree, config.User ?? "");
  const container: Container = {
    platform,
    tree,
    user: found.outcome === "found" ? found.user : rootUser,
    environment: environmentOf(config.Env),
    workingDirectory: absolute(config.WorkingDir ?? ""),
    ...(cpu === undefined ? {} : { cpu }),
  };
  return found.outcome === "found" ? { container } : { container, userMissing: found };
}

const rootUser: User = { uid: 0, groups: [0] };

/** The last of several values of a name counts, as the engine hands them on. */
function environmentOf(entries: readonly string[]): ReadonlyMap<string, string> {
  const environment = new Map([["PATH", defaultPath]]);
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals > 0) environment.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return environment;
}

/** A path as a process in the working directory means it. */
export function absolutePath({ workingDirectory }: Container, path: string): string {
  return path.startsWith("/") ? path : `${workingDirectory}/${path}`;
}

function absolute(directory: string): string {
  return directory.startsWith("/") ? directory : `/${directory}`;
}
