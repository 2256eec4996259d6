/** A unified diff of two texts (https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html). A function of its input. */

/** How many lines are shown around what changes. */
const contextLines = 3;

/** Texts that differ in more lines than these are not compared line by line: the middle is replaced as a whole. */
const mostChanges = 1000;

/** What turns the one text into the other, as `patch` takes it; empty where they are the same. Lines keep their carriage returns. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const old = linesOf(before);
  const now = linesOf(after);
  const hunks = hunksOf(changesOf(old, now), old.length, now.length);
  // A name with blanks would end at the first of them.
  const label = name.includes(" ") ? `${name}\t` : name;
  return [`--- ${label}\n+++ ${label}\n`, ...hunks.map((hunk) => hunkText(hunk, old, now))].join(
    "",
  );
}

/** Lines with their line feeds; the last may have none. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Lines `start` to `end` of the one text become lines `from` to `to` of the other; from 0, the ends exclusive. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

function changesOf(old: readonly string[], now: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  const rest = Math.min(old.length, now.length) - head;
  while (tail < rest && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const middle = old.slice(head, old.length - tail);
  const other = now.slice(head, now.length - tail);
  const whole = { start: 0, end: middle.length, from: 0, to: other.length };
  return (shortestChanges(middle, other) ?? [whole]).map(({ start, end, from, to }) => {
    return { start: start + head, end: end + head, from: from + head, to: to + head };
  });
}

/** E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986. Undefined where there are too many changes. */
function shortestChanges(
  old: readonly string[],
  now: readonly string[],
): readonly Change[] | undefined {
  const rounds: (readonly number[])[] = [];
  const most = Math.min(old.length + now.length, mostChanges);
  /** How far each diagonal reaches into the old text; diagonal k is at `k + most + 1`. */
  const reach = Array.from({ length: 2 * most + 3 }, () => 0);
  const at = (k: number) => reach[k + most + 1] ?? 0;
  for (let d = 0; d <= most; d += 1) {
    rounds.push(reach.slice(most - d, most + d + 3));
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(k, d, at) ? at(k + 1) : at(k - 1) + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) x += 1;
      reach[k + most + 1] = x;
      if (x >= old.length && x - k >= now.length) return wayBack(rounds, old.length, now.length);
    }
  }
  return undefined;
}

/** Whether the furthest way to the diagonal comes from the one above, by a line that is put in. */
function isDown(k: number, d: number, at: (k: number) => number): boolean {
  return k === -d || (k !== d && at(k - 1) < at(k + 1));
}

function wayBack(rounds: readonly (readonly number[])[], oldEnd: number, nowEnd: number) {
  const changes: Change[] = [];
  let [x, y] = [oldEnd, nowEnd];
  for (let d = rounds.length - 1; d > 0; d -= 1) {
    const round = rounds[d] ?? [];
    const at = (k: number) => round[k + d + 1] ?? 0;
    const k = x - y;
    const isPutIn = isDown(k, d, at);
    const start = at(isPutIn ? k + 1 : k - 1);
    const from = start - (isPutIn ? k + 1 : k - 1);
    changes.push({
      start,
      end: isPutIn ? start : start + 1,
      from,
      to: isPutIn ? from + 1 : from,
    });
    [x, y] = [start, from];
  }
  return joined(changes.toReversed());
}

/** Changes that touch are one. */
function joined(changes: readonly Change[]): readonly Change[] {
  const all: Change[] = [];
  for (const change of changes) {
    const last = all.at(-1);
    if (last?.end === change.start && last.to === change.from)
      all[all.length - 1] = { ...last, end: change.end, to: change.to };
    else all.push(change);
  }
  return all;
}

interface Hunk extends Change {
  readonly changes: readonly Change[];
}

/** Changes whose surroundings meet are shown together. */
function hunksOf(changes: readonly Change[], oldLength: number, nowLength: number) {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last !== undefined && change.start - (last.at(-1)?.end ?? 0) <= 2 * contextLines)
      last.push(change);
    else groups.push([change]);
  }
  return groups.flatMap((group): readonly Hunk[] => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [
      {
        start: Math.max(0, first.start - contextLines),
        end: Math.min(oldLength, last.end + contextLines),
        from: Math.max(0, first.from - contextLines),
        to: Math.min(nowLength, last.to + contextLines),
        changes: group,
      },
    ];
  });
}

function hunkText(hunk: Hunk, old: readonly string[], now: readonly string[]): string {
  const lines = [`@@ -${span(hunk.start, hunk.end)} +${span(hunk.from, hunk.to)} @@\n`];
  let at = hunk.start;
  const show = (sign: string, some: readonly string[]) => {
    for (const line of some)
      lines.push(sign, line, line.endsWith("\n") ? "" : "\n\\ No newline at end of file\n");
  };
  for (const { start, end, from, to } of hunk.changes) {
    show(" ", old.slice(at, start));
    show("-", old.slice(start, end));
    show("+", now.slice(from, to));
    at = end;
  }
  show(" ", old.slice(at, hunk.end));
  return lines.join("");
}

/** An empty span is named by the line before it. */
function span(start: number, end: number): string {
  return end === start ? `${start},0` : `${start + 1},${end - start}`;
}
