/** How long something lasts, as people, Compose and docker write it (pkg.go.dev/time#ParseDuration). */

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/** What people may write; Compose and docker also know fractions and smaller units. */
export const durationPattern = /^(?:\d+(?:ms|[smh]))+$/;

/** Milliseconds of `90s`, `10m`, `1h30m`, `1.5s`; `undefined` where it is no such text. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(part)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return undefined;
  return parts.reduce(
    (sum, [, number, unit = ""]) => sum + Number(number) * (milliseconds[unit] ?? Number.NaN),
    0,
  );
}
