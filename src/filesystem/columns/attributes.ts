/** What kind of file an entry is, and whose, in columns: most entries of a layer have what another one had just before. */
import type { Entry } from "../entry.ts";
import { capable, numberOfType } from "./entry-type.ts";
import { growingFloats, growingIntegers } from "./growing.ts";

export interface AttributeColumns {
  /** Which row of the others is an entry's. */
  readonly attributes: Int32Array;
  readonly modes: Int32Array;
  /** A number of `entryTypes`, and {@link capable}. */
  readonly types: Int32Array;
  readonly uids: Float64Array;
  readonly gids: Float64Array;
}

interface Row {
  readonly number: number;
  readonly mode: number;
  readonly type: number;
  readonly uid: number;
  readonly gid: number;
}

/** How many rows are looked through for one that is the same. */
const mostRecent = 16;

export interface AttributesWriter {
  add(entry: Entry): void;
  finish(): AttributeColumns;
}

export function attributesWriter(): AttributesWriter {
  const attributes = growingIntegers();
  const [modes, types] = [growingIntegers(), growingIntegers()];
  const [uids, gids] = [growingFloats(), growingFloats()];
  const recent: Row[] = [];
  let count = 0;

  function newRow(row: Row): Row {
    modes.push(row.mode);
    types.push(row.type);
    uids.push(row.uid);
    gids.push(row.gid);
    recent[count % mostRecent] = row;
    count += 1;
    return row;
  }

  return {
    add({ mode, uid, gid, type: word, hasCapabilities = false }) {
      const type = numberOfType(word) | (hasCapabilities ? capable : 0);
      const same = recent.find(
        (row) => row.mode === mode && row.type === type && row.uid === uid && row.gid === gid,
      );
      const { number } = same ?? newRow({ number: count, mode, type, uid, gid });
      attributes.push(number);
    },
    finish: () => ({
      attributes: attributes.finish(),
      modes: modes.finish(),
      types: types.finish(),
      uids: uids.finish(),
      gids: gids.finish(),
    }),
  };
}
