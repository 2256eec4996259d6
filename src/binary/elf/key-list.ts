/** Collects keys of symbols ({@link symbolKey}) and sorts them in linear time, for a hash spreads them evenly. */

const firstLength = 64;

/** Shorter lists are sorted as quickly by others. */
const shortList = 64;

/** How far keys may be moved in all, per key: so far only keys that somebody chose are. */
const mostMoves = 32;

/** Keys are below this. */
const keyEnd = 2 ** 53;

export class KeyList {
  #keys = new Float64Array(firstLength);
  #length = 0;

  add(key: number): void {
    if (this.#length === this.#keys.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#keys);
      this.#keys = grown;
    }
    this.#keys[this.#length] = key;
    this.#length += 1;
  }

  /** The keys ascending, in memory of their own. */
  sorted(): Float64Array {
    const keys = this.#keys.subarray(0, this.#length);
    if (keys.length <= shortList) return keys.toSorted();
    const spread = spreadOut(keys);
    return settle(spread) ? spread : spread.toSorted();
  }
}

/** Each key about where it belongs: in one of as many parts as there are keys, by its size. */
function spreadOut(keys: Float64Array): Float64Array {
  const { length } = keys;
  const factor = length / keyEnd;
  // Where each part begins; one place ahead, so that counting and placing share the list.
  const starts = new Uint32Array(length + 1);
  for (const key of keys) {
    const part = Math.floor(key * factor) + 1;
    starts[part] = (starts[part] ?? 0) + 1;
  }
  for (let part = 1; part <= length; part += 1) {
    starts[part] = (starts[part] ?? 0) + (starts[part - 1] ?? 0);
  }
  const spread = new Float64Array(length);
  for (const key of keys) {
    const part = Math.floor(key * factor);
    const at = starts[part] ?? 0;
    starts[part] = at + 1;
    spread[at] = key;
  }
  return spread;
}

/** Moves each key back to where it belongs; `false` where that takes too many moves. */
function settle(keys: Float64Array): boolean {
  let moves = keys.length * mostMoves;
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] ?? 0;
    let at = index;
    for (; at > 0 && (keys[at - 1] ?? 0) > key; at -= 1) keys[at] = keys[at - 1] ?? 0;
    keys[at] = key;
    moves -= index - at;
    if (moves < 0) return false;
  }
  return true;
}
