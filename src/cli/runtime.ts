/** What Node and V8 are told before the layers of an image are read. */
import { setFlagsFromString } from "node:v8";
import { preferMainThread } from "../process/priority.ts";

/**
 * From here on the young generation stays as large as loading the program has made it, a few MB: what layers bring is short-lived, and
 * memory must not grow with their size. And the main thread comes first. Both are for the whole process, so the library leaves them alone.
 */
export async function tuneForLayers(): Promise<void> {
  setFlagsFromString("--semi-space-growth-factor=1");
  await preferMainThread();
}
