/** Where Transship keeps what it can make again. */
import { homedir } from "node:os";
import path from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CACHE_HOME/transship`; a relative value does not count (XDG Base Directory Specification). */
export function cacheDirectory(env: Environment): string {
  const named = env["XDG_CACHE_HOME"];
  if (named !== undefined && path.isAbsolute(named)) return path.join(named, "transship");
  return path.join(env["HOME"] || homedir(), ".cache", "transship");
}

/** Where facts of layers are kept, whichever store the layers are in. */
export function factsDirectory(env: Environment): string {
  return path.join(cacheDirectory(env), "facts");
}

/** Where what builds said is kept. */
export function logDirectory(env: Environment): string {
  return path.join(cacheDirectory(env), "logs");
}

/** Where answers are kept that builds ask for again and again. */
export function answersDirectory(env: Environment): string {
  return path.join(cacheDirectory(env), "answers");
}

/** Where runs that change builders say so to each other. */
export function builderLocksDirectory(env: Environment): string {
  return path.join(cacheDirectory(env), "locks");
}

/** Where runs note the shells that they have on servers. */
export function shellsDirectory(env: Environment): string {
  return path.join(cacheDirectory(env), "shells");
}

/** The store that the flag `--store` names, else the one in the cache directory. Absolute. */
export function storeDirectory({
  flag,
  env,
}: {
  readonly flag?: string | undefined;
  readonly env: Environment;
}): string {
  return flag === undefined ? path.join(cacheDirectory(env), "store") : path.resolve(flag);
}
