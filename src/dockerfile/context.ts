/**
 * Named build contexts, `--build-context name=…`: they take the place of stages and images
 * (github.com/moby/buildkit, frontend/dockerui/config.go, NamedContext).
 */
import { familiarName, readReference } from "../oci/reference.ts";
import type { Variables } from "./variables.ts";

/** A finder of the context that takes the place of a stage or image. Names are compared as images are: `golang` is `docker.io/library/golang:latest`. */
export function contextFinder(
  contexts: Variables = new Map(),
): (name: string) => string | undefined {
  const named = new Map([...contexts].map(([name, source]) => [comparable(name) ?? name, source]));
  return (name) => {
    if (["scratch", "context"].includes(name.toLowerCase())) return undefined;
    const key = comparable(name);
    return key !== undefined && named.has(key) ? key : undefined;
  };
}

function comparable(name: string): string | undefined {
  const reference = readReference(name);
  return reference && familiarName(reference).replace(/:latest$/, "");
}
