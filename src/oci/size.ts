/** Sizes of blobs and images as people read them. */

/** `0 B`, `640 B`, `12.3 kB`, `76.6 MB`, `1.24 GB`: powers of ten, as registries and docker count. */
export function formatSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Bytes of all of them together. */
export function sizeOf(blobs: readonly { readonly size: number }[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
