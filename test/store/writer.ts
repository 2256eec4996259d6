/** A process that gives that many names in a store, one after the other: `node writer.ts DIRECTORY PREFIX COUNT`. */
import { digestOf } from "../../src/oci/digest.ts";
import { descriptorOf, mediaTypes } from "../../src/oci/document.ts";
import { openStore } from "../../src/store/store.ts";

const [directory = "", prefix = "", count = "0"] = process.argv.slice(2);
const store = await openStore(directory);
for (let n = 0; n < Number(count); n += 1) {
  const bytes = Buffer.from(`${prefix}${n}`);
  const descriptor = descriptorOf(mediaTypes.manifest, bytes, digestOf(bytes));
  await store.name(`docker.io/library/${prefix}:${n}`, descriptor);
}
