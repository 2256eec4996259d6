/** A service's health check, as options of `docker create`. */
import * as z from "zod";
import { quote } from "../../process/command.ts";

const check = z.object({
  disable: z.boolean().default(false),
  /** `CMD-SHELL` and one text, `CMD` and words, or `NONE`; none: the image's own. */
  test: z.array(z.string()).default([]),
  interval: z.string().optional(),
  timeout: z.string().optional(),
  retries: z.int().optional(),
  start_period: z.string().optional(),
  start_interval: z.string().optional(),
});

/** Durations as they are: Compose writes them as docker reads them. */
export const healthWords = check.transform((keys) => {
  const [kind, ...words] = keys.test;
  if (keys.disable || kind === "NONE") return ["--no-healthcheck"];
  const command = kind === "CMD" ? words.map(quote).join(" ") : words.join(" ");
  return [
    ...option("--health-cmd", kind === undefined ? undefined : command),
    ...option("--health-interval", keys.interval),
    ...option("--health-timeout", keys.timeout),
    ...option("--health-retries", keys.retries),
    ...option("--health-start-period", keys.start_period),
    ...option("--health-start-interval", keys.start_interval),
  ];
});

function option(flag: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [flag, String(value)];
}
