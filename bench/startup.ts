/** How long `transship --help` takes over bare node: built JavaScript, whole processes. Wanted: within 20 ms. */
import { fileURLToPath } from "node:url";
import { median, pairedRuns, seconds } from "./measure.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const { ours, theirs } = await pairedRuns(
  { argv: [process.execPath, main, "--help"] },
  { argv: [process.execPath, "--eval", "0"] },
  31,
);
const over = median(ours.map((time, round) => time - (theirs[round] ?? Number.NaN)));
process.stdout.write(
  [
    `transship --help  ${seconds(ours)}`,
    `bare node         ${seconds(theirs)}`,
    `over bare node    ${over.toFixed(1)} ms, median of ${ours.length} pairs (wanted: at most 20 ms)`,
    "",
  ].join("\n"),
);
