/** Which word was meant. */

/** The known word nearest to that one, `undefined` where none is near. `no-emulation` and `noEmulation` are `no_emulation`. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const same = known.find((one) => plain(one) === plain(word));
  if (same !== undefined) return same;
  const near = known
    .map((one) => ({ one, distance: distance(plain(word), plain(one)) }))
    .filter(({ one, distance: n }) => n <= Math.max(1, Math.floor(one.length / 4)));
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.one;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** How many letters must be put in, left out, changed or swapped with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next.push(
        Math.min(
          at(row, j) + 1,
          at(next, j - 1) + 1,
          at(row, j - 1) + cost,
          isSwap ? at(before, j - 2) + 1 : Infinity,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return at(row, other.length);
}

function at(row: readonly number[], n: number): number {
  return row[n] ?? Infinity;
}
