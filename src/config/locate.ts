/** Where in the project's files something stands. What Compose answers is merged and filled in, and knows no lines. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { SourceFile } from "./files.ts";

/** The way to it from the top: `["services", "web", "x-transship", "platforms", 0]`. */
export type Way = readonly PropertyKey[];

export interface ParsedSource {
  readonly name: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** A node with the key that it stands at. */
interface Found {
  readonly source: ParsedSource;
  readonly node: Node | null;
  readonly key?: Node;
}

export function parseSource({ name, text }: SourceFile): ParsedSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: "silent",
    // A day is a text, not a moment.
    schema: "core",
  });
  return { name, document, lines };
}

/**
 * `compose.yaml:12:7`, of the value or of its key. Of what stands in several files the last counts, as in Compose, and lists are one
 * after the other. Of what none of them holds (it came by `include` or `extends`) it is the nearest thing around it.
 */
export function locate(way: Way, sources: readonly ParsedSource[], at: "key" | "value"): string {
  const { found, isWhole } = follow(way, sources);
  const last = found.at(-1);
  if (last === undefined) return "compose.yaml";
  const { source, node, key } = last;
  const offset = (at === "value" && isWhole ? node : (key ?? node))?.range?.[0];
  return offset === undefined ? source.name : placeAt(source, offset);
}

/** What stands in the lists at that way, those of several files one after the other: an entry's number is its step in a `Way`. */
export function itemsAt(way: Way, sources: readonly ParsedSource[]): readonly unknown[] {
  const { found, isWhole } = follow(way, sources);
  if (!isWhole) return [];
  return found.flatMap(({ source, node }) => {
    const list = resolved(node, source);
    if (!isSeq(list)) return [];
    return list.items.map((item): unknown =>
      asNode(item)?.toJS(source.document, { maxAliasCount: 100 }),
    );
  });
}

/** All that stands there, or at the nearest thing around it. */
function follow(way: Way, sources: readonly ParsedSource[]) {
  let found: readonly Found[] = sources.map((source) => ({
    source,
    node: source.document.contents,
  }));
  let isWhole = true;
  for (const step of way) {
    const next = typeof step === "number" ? nth(found, step) : childrenAt(found, String(step));
    isWhole = next.length > 0;
    if (!isWhole) break;
    found = next;
  }
  return { found, isWhole };
}

/** `compose.yaml:12:7`, of that character of the file. */
export function placeAt({ name, lines }: ParsedSource, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}`;
}

function childrenAt(found: readonly Found[], name: string): readonly Found[] {
  return found.flatMap(({ source, node }) => {
    const map = resolved(node, source);
    if (!isMap(map)) return [];
    const pair = pairOf(map, name, source);
    return pair === undefined ? [] : [{ source, node: pair.value, key: pair.key }];
  });
}

/** Its own pair, else that of a map that `<<` brings in. */
function pairOf(
  map: YAMLMap,
  name: string,
  source: ParsedSource,
  outer: ReadonlySet<YAMLMap> = new Set(),
): { readonly key: Node; readonly value: Node | null } | undefined {
  const passed = new Set([...outer, map]);
  const pairs = map.items.map(nodesOf);
  const own = pairs.find(({ key }) => isScalar(key) && String(key.value) === name);
  if (own?.key !== undefined) return { key: own.key, value: own.value };
  for (const { key, value } of pairs) {
    if (!isScalar(key) || key.value !== "<<") continue;
    const brought = resolved(value, source);
    for (const one of isSeq(brought) ? brought.items : [brought]) {
      const other = resolved(asNode(one), source);
      const inherited =
        isMap(other) && !passed.has(other) ? pairOf(other, name, source, passed) : undefined;
      if (inherited !== undefined) return inherited;
    }
  }
  return undefined;
}

function nodesOf({ key, value }: Pair) {
  return { key: asNode(key) ?? undefined, value: asNode(value) };
}

function nth(found: readonly Found[], index: number): readonly Found[] {
  const items = found.flatMap(({ source, node }) => {
    const list = resolved(node, source);
    return isSeq(list) ? list.items.map((item): Found => ({ source, node: asNode(item) })) : [];
  });
  const item = items[index];
  return item === undefined ? [] : [item];
}

function resolved(node: Node | null, { document }: ParsedSource): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function asNode(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null;
}
