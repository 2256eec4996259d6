/** Entries out of their columns. */
import type { Content } from "../../binary/content.ts";
import type { Entry } from "../entry.ts";
import type { SymbolsShelf } from "../symbols.ts";
import { capable, type Columns, entryTypes, isLink } from "./columns.ts";
import { readNames } from "./names.ts";

/**
 * The entries of the columns, each content read when it is first asked for: they take most of the time and of the memory,
 * and of most files nobody asks. @throws RangeError where the columns do not fit together
 */
export function entriesOf(columns: Columns, shelf: SymbolsShelf): readonly Entry[] {
  const { sizes, uids, gids, contents, symbols, modes, types } = columns;
  const paths = readNames(columns.paths);
  const targets = readNames(columns.targets);
  if (paths.length !== sizes.length) throw new RangeError("There is another number of paths.");
  const read = contentReader(columns);
  const entries: Entry[] = [];
  let nextTarget = 0;
  for (const [n, path] of paths.entries()) {
    const number = types[n] ?? 0;
    const type = entryTypes[number & ~capable] ?? "other";
    const [mode, size] = [modes[n] ?? 0, sizes[n] ?? 0];
    const common = { path, type, mode, uid: uids[n] ?? 0, gid: gids[n] ?? 0, size };
    const content = contents[n] ?? -1;
    if (isLink(type)) entries.push({ ...common, target: targets[nextTarget++] ?? "" });
    else if (content === -1 && (number & capable) === 0) entries.push(common);
    else {
      const slice = symbols[n] ?? -1;
      const place = slice === -1 ? {} : { symbols: { shelf, slice } };
      const more = (number & capable) === 0 ? place : { ...place, hasCapabilities: true as const };
      const told = content === -1 ? undefined : () => read(content);
      entries.push(told === undefined ? { ...common, ...more } : lazy(common, more, told));
    }
  }
  return entries;
}

/** An entry whose content is read when it is first asked for. */
function lazy(common: Entry, more: Partial<Entry>, read: () => Content): Entry {
  let known: Content | undefined;
  return {
    ...common,
    ...more,
    get content() {
      known ??= read();
      return known;
    },
  };
}

function contentReader({ contentEnds, contentText }: Columns): (content: number) => Content {
  return (content) => {
    const start = content === 0 ? 0 : (contentEnds[content - 1] ?? 0);
    const row: unknown = JSON.parse(contentText.toString("utf8", start, contentEnds[content]));
    if (!isContent(row)) throw new RangeError("A content is of no kind.");
    if (row.kind !== "script" && row.kind !== "other") return row;
    return { ...row, head: Buffer.from(String(row.head), "latin1") };
  };
}

/** The rows are our own, of this version, and have been held against a checksum where they come from a file. */
function isContent(row: unknown): row is Content {
  return typeof row === "object" && row !== null && "kind" in row;
}
