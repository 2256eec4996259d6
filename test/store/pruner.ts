/** A process that prunes all images of a store: `node pruner.ts DIRECTORY PATTERN`. */
import { createContext } from "../../src/context.ts";
import { pruneStore } from "../../src/store/prune.ts";

const [store = "", pattern = ""] = process.argv.slice(2);
await pruneStore({ store, patterns: [pattern] }, createContext({ env: { XDG_CACHE_HOME: store } }));
