// The least that a check of an image's layers can do with Node's own zlib: inflate them and compute their DiffIDs, all at once.
// Usage: inflate.js BLOB …  (gzip, each with its DiffID after an equals sign: FILE=sha256:…)
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

const chunkSize = 1024 * 1024;

/** @param {string} file */
async function diffIdOf(file) {
  const hash = createHash("sha256");
  const gunzip = createGunzip({ chunkSize });
  const ended = new Promise((resolve, reject) => {
    gunzip.on("error", reject).on("end", resolve);
  });
  gunzip.on("data", (/** @type {Buffer} */ chunk) => hash.update(chunk));
  const blob = await open(file);
  for (;;) {
    const { bytesRead, buffer } = await blob.read(Buffer.allocUnsafe(chunkSize));
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    await new Promise((resolve) => gunzip.write(piece, resolve));
  }
  gunzip.end();
  await blob.close();
  await ended;
  return `sha256:${hash.digest("hex")}`;
}

await Promise.all(
  process.argv.slice(2).map(async (argument) => {
    const [file = "", diffId] = argument.split("=");
    if ((await diffIdOf(file)) !== diffId) throw new Error(`${file} is not ${diffId}`);
  }),
);
