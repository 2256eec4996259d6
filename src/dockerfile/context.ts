/**
 * Named build contexts, `--build-context name=…`: they take the place of stages and images
 * (github.com/moby/buildkit, frontend/dockerui/config.go, NamedContext).
 */
import { familiarName, readReference } from "../oci/reference.ts";
import type { Variables } from "./variables.ts";

/** A context that takes the place of a stage or image. */
export interface NamedContext {
  readonly name: string;
  /** `docker-image://…`, `oci-layout://…`, a directory, a URL. */
  readonly source: string;
}

/** A finder of the context that takes the place of a stage or image. Names are compared as images are: `golang` is `docker.io/library/golang:latest`. */
export function contextFinder(
  contexts: Variables = new Map(),
): (name: string) => NamedContext | undefined {
  const named = new Map([...contexts].map(([name, source]) => [comparable(name) ?? name, source]));
  return (name) => {
    if (["scratch", "context"].includes(name.toLowerCase())) return undefined;
    const key = comparable(name);
    const source = key === undefined ? undefined : named.get(key);
    return key === undefined || source === undefined ? undefined : { name: key, source };
  };
}

function comparable(name: string): string | undefined {
  const reference = readReference(name);
  return reference && familiarName(reference).replace(/:latest$/, "");
}
