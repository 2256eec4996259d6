/** The entries of all layers, numbered through: the tree holds numbers, and makes nodes of them when they are asked for. */
import type { EntryList } from "../columns/list.ts";
import type { Entry, EntryType } from "../entry.ts";

export interface Node {
  /** A hard link's is that of the file itself, so its path may be another one. */
  readonly entry: Entry;
  /** Which layer brought this name, 0 being the lowest. */
  readonly layer: number;
}

export interface Nodes {
  /** The number of a layer's first entry. */
  first(layer: number): number;
  type(number: number): EntryType;
  target(number: number): string;
  node(number: number): Node;
  /** From here on a hard link is the file of that number. */
  link(number: number, file: number): void;
}

export function nodesOf(layers: readonly EntryList[]): Nodes {
  const firsts: number[] = [];
  let total = 0;
  for (const { length } of layers) {
    firsts.push(total);
    total += length;
  }
  /** The files that hard links are. */
  const files = new Map<number, number>();
  const layerOf = (number: number) => {
    let layer = firsts.length - 1;
    while ((firsts[layer] ?? 0) > number) layer -= 1;
    return layer;
  };
  function find<Found>(number: number, take: (list: EntryList, n: number) => Found): Found {
    const layer = layerOf(number);
    const list = layers[layer];
    if (list === undefined) throw new RangeError(`There is no entry ${number}.`);
    return take(list, number - (firsts[layer] ?? 0));
  }
  const fileOf = (number: number) => files.get(number) ?? number;
  return {
    first: (layer) => firsts[layer] ?? total,
    type: (number) => find(fileOf(number), (list, n) => list.type(n)),
    target: (number) => find(fileOf(number), (list, n) => list.target(n)),
    node: (number) => ({
      entry: find(fileOf(number), (list, n) => list.entry(n)),
      layer: layerOf(number),
    }),
    link: (number, file) => files.set(number, fileOf(file)),
  };
}
