/** Entries that are at hand, as the list that a layer's columns give. */
import type { EntryList } from "../../src/filesystem/columns/list.ts";
import type { Entry } from "../../src/filesystem/entry.ts";

export function arrayList(entries: readonly Entry[]): EntryList {
  const at = (n: number) => entries[n] ?? nothing;
  const split = (n: number) => {
    const { path } = at(n);
    const slash = path.lastIndexOf("/");
    return { above: path.slice(0, Math.max(0, slash)), last: path.slice(slash + 1) };
  };
  return {
    length: entries.length,
    paths: {
      length: entries.length,
      at: (n) => at(n).path,
      last: (n) => split(n).last,
      above: (n) => split(n).above,
      isBeside: (n) => n > 0 && split(n).above === split(n - 1).above,
    },
    type: (n) => at(n).type,
    target: (n) => at(n).target ?? "",
    entry: at,
  };
}

const nothing: Entry = { path: "", type: "other", mode: 0, uid: 0, gid: 0, size: 0 };
