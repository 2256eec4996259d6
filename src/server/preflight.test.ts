import assert from "node:assert/strict";
import { test } from "node:test";
import { serverFacts } from "../../test/ship/server-facts.ts";
import { type Needs, preflight, readsZstd } from "./preflight.ts";

const nowMs = Date.UTC(2026, 10, 27, 10, 45);
const gigabyte = 1_000_000_000;

interface Case extends Partial<Needs> {
  readonly serverVersion?: string;
  readonly freeBytes?: number;
  /** How far the server's clock is ahead, in milliseconds; absent: it does not say. */
  readonly skewMs?: number;
  readonly problems?: readonly RegExp[];
  readonly warnings?: readonly RegExp[];
}

const cases: Readonly<Record<string, Case>> = {
  "all is well": { freeBytes: 10 * gigabyte, skewMs: 2_000 },
  "nothing is known": {},
  "an engine of 2019": { serverVersion: "19.03.15", problems: [/19\.03\.15 is too old; 20\.10/] },
  "the oldest that will do": { serverVersion: "20.10.0" },
  "zstd, and an engine that reads it": { serverVersion: "23.0.1", hasZstd: true },
  "zstd, and an engine that does not": {
    serverVersion: "20.10.24",
    hasZstd: true,
    problems: [/20\.10\.24 cannot read layers that are compressed with zstd; 23\.0/],
  },
  "zstd, and an engine too old for all": {
    serverVersion: "19.03.15",
    hasZstd: true,
    problems: [/too old/],
  },
  "a distribution's version": { serverVersion: "26.1.5+dfsg1" },
  "a version with a letter": { serverVersion: "v20.9.1", problems: [/too old/] },
  "a version that is none": { serverVersion: "dev", hasZstd: true },
  "a disk that is full": {
    freeBytes: 1.9 * gigabyte,
    problems: [/Only little: .*\/var\/lib\/docker\) has 1\.90 GB left, for 1\.00 GB/],
  },
  "a disk that is nearly full": {
    freeBytes: 3.9 * gigabyte,
    warnings: [/may not be enough: .* has 3\.90 GB left/],
  },
  "a disk with just enough": { freeBytes: 4 * gigabyte },
  "nothing to send to a full disk": { freeBytes: 0, bytes: 0 },
  "a clock ahead": { skewMs: 6 * 60_000, warnings: [/6 minutes ahead of this machine's/] },
  "a clock behind": { skewMs: -90 * 60_000, warnings: [/90 minutes behind this machine's/] },
  "a clock that is right": { skewMs: -5 * 60_000 },
  "all at once": {
    serverVersion: "19.03.15",
    freeBytes: 0,
    skewMs: 6 * 60_000,
    problems: [/too old/, /Only little/],
    warnings: [/clock/],
  },
};

for (const [name, one] of Object.entries(cases)) {
  test(name, () => {
    const { serverVersion = "28.5.2", freeBytes, skewMs } = one;
    const { bytes = gigabyte, hasZstd = false, problems = [], warnings = [] } = one;
    const clockMs = skewMs === undefined ? undefined : nowMs + skewMs;
    const facts = serverFacts({ engine: { serverVersion }, freeBytes, clockMs });
    const seen = preflight(facts, { bytes, hasZstd }, nowMs);
    for (const [told, patterns] of [
      [seen.problems, problems],
      [seen.warnings, warnings],
    ] as const) {
      assert.equal(told.length, patterns.length, told.join("\n"));
      for (const [n, pattern] of patterns.entries()) assert.match(told[n] ?? "", pattern);
    }
  });
}

test("which engines read zstd", () => {
  const versions = { "20.10.24": false, "22.06.0-beta.0": false, "23.0.0": true, "28.5.2": true };
  for (const [serverVersion, reads] of Object.entries(versions))
    assert.equal(readsZstd({ serverVersion }), reads, serverVersion);
});
