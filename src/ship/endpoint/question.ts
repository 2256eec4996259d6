/** What a request to the endpoint asks for (OCI distribution-spec, "Pull"): read from its method and target, nothing decoded or guessed. */
import type { IncomingMessage } from "node:http";
import { type Digest, isDigest } from "../../oci/digest.ts";

export type Question =
  /** `GET /v2/`, by which a client finds out that there is a registry (distribution-spec, end-1). */
  | { readonly kind: "ping" }
  /** By tag or digest (end-3). */
  | { readonly kind: "manifest"; readonly reference: string }
  /** (end-2) */
  | { readonly kind: "blob"; readonly digest: Digest }
  /** Of the right repository, and nothing that there is: engines look for referrers and tags as well (end-8, end-12). */
  | { readonly kind: "unknown" }
  /** Any other path: somebody else's question. */
  | { readonly kind: "foreign" }
  /** A right path, and a method that would change something. */
  | { readonly kind: "forbidden" };

/** Longer targets are nobody's: a repository, a kind and a digest have some 140 characters. */
const longestTarget = 512;

/** `repository` is the only one that is answered: `transship/4f1c…`; without one every path is a foreign one. */
export function readQuestion(
  { method = "", url = "" }: Pick<IncomingMessage, "method" | "url">,
  repository: string | undefined,
): Question {
  if (repository === undefined || url.length > longestTarget) return { kind: "foreign" };
  // containerd adds `?ns=…` where a mirror stands in for a registry.
  const [path = ""] = url.split("?", 1);
  const question = path === "/v2/" ? ping : readContent(path, repository);
  if (question.kind === "foreign" || method === "GET" || method === "HEAD") return question;
  return { kind: "forbidden" };
}

const ping = { kind: "ping" } as const;

function readContent(path: string, repository: string): Question {
  const prefix = `/v2/${repository}/`;
  if (!path.startsWith(prefix)) return { kind: "foreign" };
  const [kind, reference, ...more] = path.slice(prefix.length).split("/");
  if (reference === undefined || reference === "" || more.length > 0) return { kind: "unknown" };
  if (kind === "manifests") return { kind: "manifest", reference };
  return kind === "blobs" && isDigest(reference)
    ? { kind: "blob", digest: reference }
    : { kind: "unknown" };
}
