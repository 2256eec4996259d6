import assert from "node:assert/strict";
import { test } from "node:test";
import type { Measured } from "./benchmark.ts";
import { judge, type Machine, page, table } from "./table.ts";

const row = (changes: Partial<Measured>): Measured => ({
  outcome: "measured",
  what: "`transship build`",
  peer: "`docker buildx build`",
  ours: [800, 900, 1000],
  theirs: [2000, 2000, 2000],
  target: { kind: "ratio", most: 0.8 },
  ...changes,
});

const machine: Machine = {
  cpu: "Some CPU",
  cores: 2,
  memory: 8 * 2 ** 30,
  load: 0.25,
  node: "v24.0.0",
  engine: "28.5.2",
  date: "2026-11-25",
};

test("a ratio is taken pair by pair", () => {
  const judged = judge(row({ ours: [100, 300, 500], theirs: [200, 300, 1000] }));
  assert.deepEqual(judged, { comparison: "0.50 ×", isMet: true });
});

test("a ratio with an allowance is met within the allowance, and missed beyond it", () => {
  const target = { kind: "ratio", most: 1.05, plusMs: 400 } as const;
  assert.equal(judge(row({ ours: [2500], theirs: [2000], target })).isMet, true);
  assert.equal(judge(row({ ours: [2501], theirs: [2000], target })).isMet, false);
});

test("a difference is judged in milliseconds", () => {
  const target = { kind: "over-peer", ms: 20 } as const;
  const judged = judge(row({ ours: [50, 60, 70], theirs: [40, 39, 40], target }));
  assert.deepEqual(judged, { comparison: "+21.0 ms", isMet: false });
});

test("a limit is for ours alone; without a peer there is nothing to compare", () => {
  const judged = judge(row({ theirs: [], target: { kind: "under", ms: 900 } }));
  assert.deepEqual(judged, { comparison: "", isMet: false });
});

test("memory is judged in bytes, and by its ratio to the peer's where one is wanted", () => {
  const target = { kind: "memory", bytes: 200_000_000 } as const;
  const within = row({ ours: [199_999_999], theirs: [], target });
  assert.deepEqual(judge(within), { comparison: "", isMet: true });
  assert.equal(judge({ ...within, ours: [200_000_000] }).isMet, false);
  const grown = { ...within, ours: [150_000_000], theirs: [100_000_000] };
  assert.deepEqual(judge(grown), { comparison: "1.50 ×", isMet: true });
  assert.equal(judge({ ...grown, target: { ...target, most: 1.1 } }).isMet, false);
});

test("a row of memory shows megabytes of a million bytes", () => {
  const target = { kind: "memory", bytes: 200_000_000, most: 1.1 } as const;
  const [ours, theirs] = [
    [151_600_000, 149_500_000, 160_000_000],
    [150_000_000, 150_000_000, 150_000_000],
  ];
  assert.equal(
    table([row({ ours, theirs, target })])
      .split("\n")
      .at(-1),
    "| `transship build` | `docker buildx build` | 152 MB (150–160) | 150 MB (150–150) | 1.01 × | under 200 MB, at most 1.1 × | yes | 3 |",
  );
});

test("a row shows medians, extremes, target and verdict", () => {
  assert.equal(
    table([row({})])
      .split("\n")
      .at(-1),
    "| `transship build` | `docker buildx build` | 0.900 s (0.800–1.000) | 2.00 s (2.00–2.00) | 0.45 × | at most 0.8 × | yes | 3 |",
  );
});

test("what was not measured says why, and stays one row of the table", () => {
  const reason = "not there | yet\nreally";
  const text = table([{ outcome: "not-measured", what: "x", reason, isFailure: false }]);
  assert.equal(
    text.split("\n").at(-1),
    "| x |  |  |  | not there \\| yet really |  | not measured |  |",
  );
});

test("the page names the machine in general words", () => {
  const text = page([row({})], machine);
  assert.match(text, /- 2 cores \(Some CPU\), 8 GiB of memory; load when it began 0\.3\n/);
  assert.match(text, /- Docker Engine 28\.5\.2\n- Node v24\.0\.0\n- 2026-11-25\n/);
});
