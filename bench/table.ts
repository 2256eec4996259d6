/** bench/README.md from the rows of a run: pure. */
import type { Measured, Row, Target } from "./benchmark.ts";
import { median, ofPairs } from "./measure.ts";

/** The machine in general words; what would tell it from its like is not in it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Mean length of the run queue in the minute before. */
  readonly load: number;
  readonly node: string;
  /** Absent where no engine was needed. */
  readonly engine?: string;
  readonly buildx?: string;
  readonly buildkit?: string;
  /** `2026-11-25`. */
  readonly date: string;
}

export interface Judgement {
  /** How ours compares with the peer or the limit: `0.52 ×`, `+12 ms`. */
  readonly comparison: string;
  readonly isMet: boolean;
}

/** Compares with the peer pair by pair and takes the median, so that a slow moment of the machine is in both or in neither. */
export function judge({ ours, theirs, target }: Measured): Judgement {
  const pairs = { ours, theirs };
  if (target.kind === "under") {
    const ratios = ofPairs(pairs, (mine, other) => mine / other);
    const comparison = theirs.length === 0 ? "" : times(median(ratios));
    return { comparison, isMet: median(ours) < target.ms };
  }
  if (target.kind === "count") return { comparison: "", isMet: Math.max(...ours) <= target.most };
  if (target.kind === "over-peer") {
    const over = median(ofPairs(pairs, (mine, other) => mine - other));
    return { comparison: milliseconds(over), isMet: over <= target.ms };
  }
  if (target.kind === "memory") {
    const { bytes, most = Number.POSITIVE_INFINITY } = target;
    if (theirs.length === 0) return { comparison: "", isMet: median(ours) < bytes };
    const ratio = median(ofPairs(pairs, (mine, other) => mine / other));
    return { comparison: times(ratio), isMet: median(ours) < bytes && ratio <= most };
  }
  if (target.kind === "near") {
    const ratios = ofPairs(pairs, (mine, other) => mine / other);
    const isNear = ratios.every((ratio) => Math.abs(ratio - 1) <= target.part);
    return { comparison: times(median(ratios)), isMet: isNear };
  }
  const { most, plusMs = 0 } = target;
  const ratio = median(ofPairs(pairs, (mine, other) => mine / other));
  const excess = median(ofPairs(pairs, (mine, other) => mine - most * other - plusMs));
  return { comparison: times(ratio), isMet: excess <= 0 };
}

export function table(rows: readonly Row[]): string {
  const head = ["What", "Peer", "Ours", "Peer's", "Compared", "Wanted", "Met", "Runs"];
  const cells = rows.map(rowCells);
  return [head, head.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function rowCells(row: Row): readonly string[] {
  if (row.outcome === "not-measured") {
    return [row.what, "", "", "", row.reason, "", "not measured", ""].map(escape);
  }
  const { what, peer = "none", ours, theirs, target } = row;
  const { comparison, isMet } = judge(row);
  const isOfBytes = target.kind === "memory" || (target.kind === "near" && target.unit === "bytes");
  const show = target.kind === "count" ? counts : isOfBytes ? megabytes : seconds;
  return [
    what,
    peer,
    show(ours),
    theirs.length === 0 ? "" : show(theirs),
    comparison,
    wanted(target),
    isMet ? "yes" : "**no**",
    String(ours.length),
  ].map(escape);
}

function wanted(target: Target): string {
  if (target.kind === "under") return `under ${target.ms / 1000} s`;
  if (target.kind === "count") return target.most === 0 ? "none" : `at most ${target.most}`;
  if (target.kind === "over-peer") return `at most ${target.ms} ms over`;
  if (target.kind === "near") return `within ${target.part * 100} % in each run`;
  if (target.kind === "memory") {
    const ratio = target.most === undefined ? "" : `, at most ${target.most} ×`;
    return `under ${target.bytes / 1_000_000} MB${ratio}`;
  }
  const plus = target.plusMs === undefined ? "" : ` + ${target.plusMs / 1000} s`;
  return `at most ${target.most} ×${plus}`;
}

/** A pipe would end the cell, a line break the row. */
function escape(cell: string): string {
  return cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();
}

/** `0.42 s (0.40–0.45)`: median, least and most. */
function seconds(values: readonly number[]): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)];
  const digits = middle < 1000 ? 3 : 2;
  const show = (value: number) => (value / 1000).toFixed(digits);
  return `${show(middle)} s (${show(least)}–${show(most)})`;
}

/** `152 MB (150–155)`: the same of bytes. */
function megabytes(values: readonly number[]): string {
  const all = [median(values), Math.min(...values), Math.max(...values)];
  const digits = Math.max(...all) < 10_000_000 ? 3 : 0;
  const [middle, least, most] = all.map((value) => (value / 1_000_000).toFixed(digits));
  return `${middle} MB (${least}–${most})`;
}

function counts(values: readonly number[]): string {
  return values.join(", ");
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

function milliseconds(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} ms`;
}

/** The whole page. */
export function page(rows: readonly Row[], machine: Machine): string {
  return `# Measurements

Written by \`npm run bench\`; do not edit. Whole processes, built JavaScript; wall time, or the peak of resident memory (MB are
1,000,000 bytes). Where there is a peer, the two ran in turn (ours, peer, ours, peer, …) after a run of each that does not count. _Ours_ and _Peer's_ are medians, with the least and the most;
_Compared_ is the median over the pairs, and the target is judged on that. Nothing is left out: what missed its target says so.

${table(rows)}

## Where

${machineLines(machine).join("\n")}

## Again

    npm run bench                        # everything; writes this page
    npm run bench -- build cold          # these two, to the terminal only
    npm run bench -- test --runs 9
    npm run bench -- verify memory       # these need no engine

On Debian and Ubuntu as root it brings up engines of its own, one with each image store, and removes them afterwards. Elsewhere it
uses the engine that runs, with a builder of its own (\`transship-bench\`), and removes what it made there. The images of \`verify\`
and \`memory\` are made from Debian's packages as root on Debian, and kept beside what \`npm test\` keeps (5 GB).
`;
}

function machineLines(machine: Machine): readonly string[] {
  const { cpu, cores, memory, load, node, engine, buildx, buildkit, date } = machine;
  const gigabytes = Math.round(memory / 2 ** 30);
  return [
    `- ${cores} cores (${cpu}), ${gigabytes} GiB of memory; load when it began ${load.toFixed(1)}`,
    ...(engine === undefined ? [] : [`- Docker Engine ${engine}`]),
    ...(buildx === undefined ? [] : [`- buildx ${buildx}`]),
    ...(buildkit === undefined ? [] : [`- BuildKit ${buildkit}`]),
    `- Node ${node}`,
    `- ${date}`,
  ];
}
