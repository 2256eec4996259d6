/** Content digests (OCI image-spec, descriptor.md, "Digests"). */

declare const brand: unique symbol;
/** `sha256:` and 64 lower-case hexadecimal digits. Made by {@link parseDigest} or {@link digestOf} only. */
export type Digest = string & { readonly [brand]: "Digest" };

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** The digest of those bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  // Loaded only here: it takes some milliseconds, and whoever only reads names of images needs none of it.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return digestFromHex(createHash("sha256").update(bytes).digest("hex"));
}

/** The digest of a finished SHA-256, `hex` being its 64 digits. */
export function digestFromHex(hex: string): Digest {
  const digest = `sha256:${hex}`;
  if (!isDigest(digest)) throw new TypeError(`not a SHA-256 in hexadecimal: ${hex}`);
  return digest;
}

/** The 64 digits alone: a blob's file name in an OCI layout. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/** `sha256:1f3b…`, for people; never for comparing. */
export function shortDigest(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}
