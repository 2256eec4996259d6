/** A process that takes a store's lock, says "locked", and keeps it until it is killed: `node holder.ts DIRECTORY MODE`. */
import { lockStore } from "../../src/store/lock.ts";

const [directory = "", mode] = process.argv.slice(2);
await lockStore(directory, "content", {
  mode: mode === "shared" ? "shared" : "exclusive",
  purpose: "a test",
  deadlineMs: 10_000,
  signal: new AbortController().signal,
});
process.stdout.write("locked\n");
setInterval(() => {}, 60_000);
