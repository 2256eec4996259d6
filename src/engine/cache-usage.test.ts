import assert from "node:assert/strict";
import { test } from "node:test";
import { readCacheUsage } from "./cache-usage.ts";

test("the sums stand below the table, in releases old and new", () => {
  const old =
    "ID\t\tRECLAIMABLE\tSIZE\tLAST ACCESSED\nabc*   \ttrue \t\t4.096kB   \t2 minutes ago\nReclaimable:\t403.8MB\nTotal:\t\t1.204GB\n";
  assert.deepEqual(readCacheUsage(old), { total: 1_204_000_000, reclaimable: 403_800_000 });
  const shared =
    "ID  RECLAIMABLE SIZE LAST ACCESSED\nShared:\t\t12kB\nPrivate:\t8kB\nReclaimable:\t0B\nTotal:\t20kB\n";
  assert.deepEqual(readCacheUsage(shared), { total: 20_000, reclaimable: 0 });
});

test("no sums are no answer", () => {
  assert.equal(readCacheUsage("ERROR: no builder"), undefined);
  assert.equal(readCacheUsage("Reclaimable:\t1B\nTotal:\tmuch\n"), undefined);
});
