/** Sizes and spans of time as people type them in a flag. */
import { fail } from "../errors.ts";

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

const milliseconds: Readonly<Record<string, number>> = {
  s: 1e3,
  m: 60e3,
  h: 3_600e3,
  d: 86_400e3,
  w: 7 * 86_400e3,
};

/** Reads `500MB`, `1.5g`, `10GiB`: powers of ten, as sizes are printed, unless the unit has an `i`. @throws USAGE */
export function parseSize(text: string, flag: string, command: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = sizeUnits[unit.toLowerCase()];
  const bytes = Math.round(Number(number) * (factor ?? Number.NaN));
  if (number !== "" && Number.isSafeInteger(bytes)) return bytes;
  const problem = `${flag} ${JSON.stringify(text)} is no size: write 500MB, 10GB or 2GiB.`;
  throw fail("USAGE", { problem, command });
}

/** Reads `45m`, `12h`, `30d`, `2w`, `1d12h` as milliseconds. @throws USAGE */
export function parseSpan(text: string, flag: string, command: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === text.trim();
  const span = parts.reduce(
    (sum, [, number, unit = ""]) => sum + Number(number) * (milliseconds[unit] ?? Number.NaN),
    0,
  );
  if (isWhole && Number.isFinite(span)) return span;
  const problem = `${flag} ${JSON.stringify(text)} is no span of time: write 90s, 10m, 12h or 30d.`;
  throw fail("USAGE", { problem, command });
}
