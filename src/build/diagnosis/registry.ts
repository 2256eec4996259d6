/** What goes wrong before a base image, or what it is built with, is there. */
import { fail, type TransshipError } from "../../errors.ts";
import { clause, type FailedBuild, lastError, type Rule } from "./failed-build.ts";

interface Wanted {
  /** As people write it, without a digest behind a tag. */
  readonly image: string;
  /** `registry-1.docker.io` as `docker.io`. */
  readonly registry: string;
  readonly reason: string;
  /** Whether it is what `# syntax=` names. */
  readonly isSyntax: boolean;
}

/** BuildKit resolves every image by one function, whose error names it (moby/buildkit, `source/containerimage/source.go`). */
const resolving = /failed to resolve source metadata for (\S+): (.+)$/s;
/** Its names for the steps that look an image up, for `FROM` and for `# syntax=` (`frontend/dockerfile/builder`, `frontend/gateway`). */
const looking =
  /(?:\[[^\]]*(?:internal|context)[^\]]*\] load metadata for|resolve image config for|docker-image:\/\/) ?(?:docker-image:\/\/)?(\S+)/;

function wanted({ words, step }: FailedBuild): Wanted | undefined {
  const error = lastError(words);
  const [, resolved, because] = resolving.exec(error) ?? resolving.exec(step?.error ?? "") ?? [];
  const looked = looking.exec(step?.name ?? "")?.[1];
  const image = resolved ?? looked;
  if (image === undefined) return undefined;
  const plain = image.replace(/(:[^/@]+)@sha256:[0-9a-f]+$/, "$1");
  return {
    image: plain.replace(/^docker\.io\/(?:library\/)?/, ""),
    registry: /^([^/]*[.:][^/]*|localhost)\//.exec(plain)?.[1] ?? "docker.io",
    reason: clause(
      (because ?? step?.error ?? error)
        .replace(/ \(did you mean [^)]*\)$/, "")
        .replaceAll(/\s*\n\s*/g, ", "),
    ),
    isSyntax: step?.name.startsWith("resolve image config for ") ?? false,
  };
}

const platform: Rule = (failed) => {
  const found = wanted(failed);
  if (found === undefined) return undefined;
  if (
    !/no match(?:ing manifest)? for (?:platform in manifest|\S+ in the manifest list entries)/.test(
      found.reason,
    )
  )
    return undefined;
  return fail("BASE_PLATFORM_MISSING", {
    image: found.image,
    platform: failed.step?.platform ?? failed.platform,
  });
};

const syntax: Rule = (failed) => {
  const found = wanted(failed);
  if (found === undefined || !found.isSyntax) return undefined;
  const { image, reason } = found;
  return fail("SYNTAX_UNAVAILABLE", { image, reason });
};

/** The rest by what the registry answered, or why it did not. */
const base: Rule = (failed) => {
  const found = wanted(failed);
  if (found === undefined) return undefined;
  return reasons.find(([words]) => words.test(found.reason))?.[1](found) ?? unavailable(found);
};

function unavailable({ image, reason }: Wanted): TransshipError {
  return fail("BASE_IMAGE_UNAVAILABLE", { image, reason });
}

/** In this order: Docker Hub answers 401 and 404 alike with `pull access denied`, and names a limit beside the status. */
const reasons: readonly (readonly [RegExp, (found: Wanted) => TransshipError])[] = [
  [
    /\b429 Too Many Requests\b|toomanyrequests/i,
    ({ image, registry }) => fail("BASE_RATE_LIMITED", { image, registry }),
  ],
  [
    /pull access denied|insufficient_scope|authorization failed|\b401 Unauthorized\b|\b403 Forbidden\b|no basic auth credentials|unauthorized: /i,
    ({ image, registry, reason }) => fail("BASE_IMAGE_DENIED", { image, registry, reason }),
  ],
  [
    /x509: |tls: |certificate|server gave HTTP response to HTTPS client/,
    ({ image, registry, reason }) => fail("BASE_REGISTRY_UNTRUSTED", { image, registry, reason }),
  ],
  [
    /dial tcp|no such host|connection refused|i\/o timeout|connection reset|network is unreachable|TLS handshake timeout|: EOF$|context deadline exceeded|server misbehaving/,
    ({ image, registry, reason }) => fail("BASE_REGISTRY_UNREACHABLE", { image, registry, reason }),
  ],
  [
    /(?:^|: )not found$|manifest unknown/i,
    ({ image, registry }) => fail("BASE_IMAGE_MISSING", { image, registry }),
  ],
];

export const registryRules: readonly Rule[] = [platform, syntax, base];
