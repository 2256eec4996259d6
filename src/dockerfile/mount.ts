/** `RUN --mount=type=cache,target=/root/.cache` (https://docs.docker.com/reference/dockerfile/#run---mount). */
import type { Instruction } from "./instruction.ts";
import type { Range } from "./range.ts";

export interface Mount {
  /** `bind` where none is written. */
  readonly type: string;
  /** The stage, context or image that it comes from; undefined for the build context. */
  readonly from?: string;
  /** Every option in lower case, `source`, `target`, `id` …, as written; those without a value are `true`. */
  readonly options: ReadonlyMap<string, string>;
  readonly range: Range;
}

export function mountsOf(instruction: Instruction): readonly Mount[] {
  return instruction.flags
    .filter(({ name, value }) => name === "mount" && value !== undefined)
    .map(({ value = "", range }) => readMount(value, range));
}

function readMount(value: string, range: Range): Mount {
  const options = new Map<string, string>();
  for (const field of splitFields(value)) {
    const equals = field.indexOf("=");
    const name = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    options.set(synonyms[name] ?? name, equals === -1 ? "true" : field.slice(equals + 1));
  }
  const from = options.get("from") ?? "";
  const type = options.get("type")?.toLowerCase() ?? "bind";
  return { type, ...(from === "" ? {} : { from }), options, range };
}

const synonyms: Readonly<Record<string, string>> = {
  src: "source",
  dst: "target",
  destination: "target",
};

/** The fields of a line of CSV: a quoted one may hold commas, and doubled quotes for one. */
function splitFields(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, bare = ""]) => quoted?.replaceAll('""', '"') ?? bare,
  );
}
