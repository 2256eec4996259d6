/**
 * Image names: `[registry/]repository[:tag][@digest]`, with Docker's rules for what a bare name means
 * (github.com/distribution/reference, normalize.go and regexp.go).
 */
import { fail, isFailure } from "../errors.ts";
import { type Digest, isDigest } from "./digest.ts";

export interface Reference {
  /** `docker.io` where none was written. */
  readonly registry: string;
  /** `library/debian` for `debian`: the path at the registry. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const registryPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/** Reads an image name. @throws REFERENCE_INVALID with the part that is wrong. */
export function parseReference(text: string): Reference {
  const [named = "", digest, ...more] = text.split("@");
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw invalid(text, "what follows @ is not a sha256 digest");
  }
  const slash = named.lastIndexOf("/");
  const colon = named.indexOf(":", slash + 1);
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag))
    throw invalid(text, `the tag "${tag}" is malformed`);
  const { registry, repository } = splitRegistry(path);
  if (!registryPattern.test(registry)) throw invalid(text, `"${registry}" is not a host name`);
  if (!repositoryPattern.test(repository)) {
    throw invalid(
      text,
      /[A-Z]/.test(repository) ? "it has upper-case letters" : "the name is malformed",
    );
  }
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The same; `undefined` for what is no image name. */
export function readReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/** The shortest form that people write: `debian:bookworm-slim`, `host/app:1`. */
export function familiarName(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  const path =
    registry === "docker.io" ? repository.replace(/^library\//, "") : `${registry}/${repository}`;
  return `${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The full form that `index.json` of a layout holds: `docker.io/library/debian:bookworm-slim`. */
export function canonicalName(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The reference as engines complete it: `latest` where neither tag nor digest was written. */
export function tagged(reference: Reference): Reference {
  const isWhole = reference.tag !== undefined || reference.digest !== undefined;
  return isWhole ? reference : { ...reference, tag: "latest" };
}

/** The reference with another tag and no digest. @throws REFERENCE_INVALID when no engine would take the tag. */
export function withTag(reference: Reference, tag: string): Reference {
  if (!tagPattern.test(tag)) throw invalid(tag, `the tag "${tag}" is malformed`);
  return { registry: reference.registry, repository: reference.repository, tag };
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf("/");
  const first = slash === -1 ? "" : path.slice(0, slash);
  const isHost = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  if (slash === -1) return { registry: "docker.io", repository: `library/${path}` };
  if (!isHost) return { registry: "docker.io", repository: path };
  const registry = first === "index.docker.io" ? "docker.io" : first;
  const rest = path.slice(slash + 1);
  const isOfficial = registry === "docker.io" && !rest.includes("/");
  return { registry, repository: isOfficial ? `library/${rest}` : rest };
}

function invalid(reference: string, problem: string) {
  return fail("REFERENCE_INVALID", { reference, problem });
}
