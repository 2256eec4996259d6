/** How an archive is packed as a whole. */
import { storedZstd } from "../../filesystem/stored-zstd.ts";

/**
 * As its name says: `.tar` as it is, all else as zstd of raw blocks. The layers are packed already: what a compressor would save of them
 * (0.8 % of an image of 592 MB) is not worth a third of the speed, nor that its bytes may be others with the library's next version.
 * @throws the archive's own errors
 */
export function packed(
  archive: AsyncIterable<Uint8Array>,
  name: string,
): AsyncIterable<Uint8Array> {
  return name.endsWith(".tar") ? archive : storedZstd(archive);
}
