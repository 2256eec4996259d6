/**
 * What may stand under `x-transship`, at the top of compose.yaml for every service, or in a service for that one. From here come the
 * check, `docs/configuration.md` and `schema/`: each key says what it is for and which verbs read it.
 */
import * as z from "zod";
import { isFailure } from "../errors.ts";
import { parsePlatform } from "../platform/platform.ts";
import { durationPattern } from "./duration.ts";

/** A finding that is put up with; also in a file of its own (`--waivers`). */
export const waiver = z.strictObject({
  rule: z.string().min(1).describe("The rule's name."),
  path: z
    .string()
    .startsWith("/")
    .optional()
    .describe(
      "The files of the image that it is about, with `*` within a name and `**` over directories. Left out: findings without a path too.",
    ),
  reason: z.string().min(1).describe("Why it is put up with."),
  until: z
    .preprocess(dateAlone, z.iso.date())
    .describe("The last day on which it holds, such as `2027-06-30`."),
});

const platform = z
  .string()
  .min(1)
  .check(({ value, issues }) => {
    const problem = platformProblem(value);
    if (problem !== undefined) issues.push({ code: "custom", message: problem, input: value });
  });

const specs = z.array(z.string().min(1));

const cache = z.strictObject({
  from: specs
    .optional()
    .describe(
      "Where it is read, as buildx writes it: `type=registry,ref=registry.example.org/app`.",
    ),
  to: specs.optional().describe("Where it is written, as buildx writes it."),
});

/** The flags of `transship test`, by the same names. */
const test = z.strictObject({
  port: z
    .union([z.int().min(0).max(65_535), z.string().regex(/^\d+(?::\d+)?$/)])
    .optional()
    .describe("The host's port, or `HOST:CONTAINER`; 0 is any free one."),
  health_path: z.string().startsWith("/").optional().describe("The path that must answer 200."),
  timeout: seconds("Seconds until the health path must have answered."),
  wait: seconds("Seconds until the container must be ready."),
  retries: z.int().positive().optional().describe("How often the health path is asked."),
  retry_interval: seconds("Seconds between two questions."),
});

const count = z.preprocess(numberOf, z.int().positive()).optional();

const hooks = z.strictObject({
  before_switch: z
    .union([z.array(z.string()).min(1), z.string().min(1)])
    .optional()
    .describe("What is run, as words, or as one text for `sh -c`."),
  timeout: duration("How long it may take."),
});

const deploy = z.strictObject({
  strategy: z
    .enum(["proxy", "recreate"])
    .optional()
    .describe(
      "`proxy`: the new release is started beside the old one, and the proxy switches over. `recreate`: the old one is stopped first. Left out: what `deploy.update_config.order` says, `start-first` or `stop-first`.",
    ),
  host: z
    .array(
      z.string().regex(/^[^\s/:@]+$/, {
        error: "a host's name stands alone, such as app.example.org: no scheme, port or path",
      }),
    )
    .min(1)
    .optional()
    .describe("The names of hosts that the proxy answers for, such as `app.example.org`."),
  port: z
    .preprocess(numberOf, z.int().min(1).max(65_535))
    .optional()
    .describe("The container's port that the proxy and the health check speak to."),
  health_path: z.string().startsWith("/").optional().describe("The path that must answer."),
  health_host: z
    .string()
    .min(1)
    .optional()
    .describe("The name of the host that the health path is asked for by."),
  good_answers: count.describe("How many good answers in a row make a release healthy."),
  start_timeout: duration("How long a new release may take until it is healthy."),
  drain_timeout: duration("How long the old release may go on with what it has begun."),
  stop_timeout: duration(
    "How long the old release may take to stop, until it is killed. Left out: the service's `stop_grace_period`.",
  ),
  max_parallel: count.describe(
    "How many servers are deployed to at once. Left out: `deploy.update_config.parallelism`.",
  ),
  on_failure: z
    .enum(["undo", "leave"])
    .optional()
    .describe(
      "What happens to servers that are finished when another one fails: they go back to the release before (`undo`), or keep the new one (`leave`). Left out: what `deploy.update_config.failure_action` says, `rollback`, or `pause` and `continue`.",
    ),
  hooks: hooks
    .optional()
    .describe(
      "What is run in the new image on the way: `before_switch` (words, or one text for `sh -c`), before the new release gets traffic; and `timeout`, how long that may take.",
    ),
  single_writer: z
    .preprocess(switchOf, z.boolean())
    .optional()
    .describe(
      "Whether two releases must never run at the same time, because they write to one volume.",
    ),
});

export const settings = z.strictObject({
  platforms: z
    .array(platform)
    .min(1)
    .optional()
    .meta({ examples: [["linux/amd64"], ["linux/amd64", "linux/arm64"]] })
    .describe(
      readBy(
        "The platforms to build for. A service's own word is here, in its `build.platforms` or in its `platform`; they must not contradict each other. At the top it is for the services that say nothing. Default `linux/amd64`.",
        "build",
      ),
    ),
  builder: z
    .string()
    .min(1)
    .optional()
    .describe(readBy("The builder of buildx. Default `multiarch-builder`.", "build")),
  cpu: z
    .enum(["x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4"])
    .optional()
    .describe(
      readBy("The processor that the image must start on. Default: not looked at.", "build"),
    ),
  no_emulation: z
    .preprocess(switchOf, z.boolean())
    .optional()
    .describe(
      readBy(
        "Make it an error that a step would run under an emulator, before it starts. Default `false`; `--no-emulation` says the same for once.",
        "build",
      ),
    ),
  cache: cache
    .optional()
    .describe(
      readBy(
        "Build cache beside the builder's own. In a service it takes the place of its `build.cache_from` and `build.cache_to`.",
        "build",
      ),
    ),
  push: z
    .preprocess(switchOf, z.boolean())
    .optional()
    .describe(
      readBy(
        "Push the image, unless it is refuted. Default `false`; `--push` and `--no-push` go before it.",
        "build",
      ),
    ),
  registry: z
    .string()
    .min(1)
    .optional()
    .meta({ examples: ["registry.example.org/team"] })
    .describe(
      readBy(
        "What is put before the image's name at the push: `host[:port][/team]`. At the top it is for the images that name no registry themselves.",
        "build",
      ),
    ),
  waivers: z
    .array(waiver)
    .optional()
    .describe(
      readBy(
        "Findings that are put up with ([the rules](rules.md)). A service's own come after those of the top; verify reads those at the top of the main file, as they stand there.",
        "build",
        "verify",
      ),
    ),
  test: test.optional().describe(readBy("How the image is tested.")),
  servers: z
    .array(z.string().regex(/^(?:[^\s@]+@)?[^\s@]+$/))
    .optional()
    .meta({ examples: [["deploy@vps.example.org"]] })
    .describe(readBy("The servers that the service runs on: `[USER@]HOST`.")),
  releases_to_keep: z
    .int()
    .positive()
    .optional()
    .describe(readBy("How many releases stay on a server, the running one among them.")),
  bake_time: duration(
    readBy(
      "How long a release is watched after the switch: `90s`, `10m`. Left out: `deploy.update_config.monitor`.",
    ),
  ).meta({ examples: ["90s", "10m"] }),
  deploy: deploy
    .optional()
    .describe(
      readBy(
        "How the service is deployed. A service's own goes before that of the top key by key, `hooks` as a whole. Durations are written `90s`, `10m`, `1h30m`.",
      ),
    ),
});

export type Settings = z.output<typeof settings>;
export type DeployKeys = z.output<typeof deploy>;

/** Every key says so: one that changes nothing yet must not look as if it did. */
function readBy(text: string, ...verbs: readonly string[]): string {
  const names = verbs.map((verb) => `\`${verb}\``).join(" and ");
  return `${text} ${verbs.length === 0 ? "No verb reads it yet." : `Read by ${names}.`}`;
}

function seconds(text: string) {
  return z.number().positive().optional().describe(text);
}

function duration(text: string) {
  return z
    .string()
    .regex(durationPattern, { error: "a duration is written as 90s, 10m or 1h30m" })
    .optional()
    .describe(text);
}

/** Compose makes a moment of a day that stands without quotes: `2027-06-30T00:00:00Z`. */
function dateAlone(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^(\d{4}-\d\d-\d\d)T00:00:00Z$/, "$1") : value;
}

/** What comes from a variable (`push: ${PUSH}`) is a text. */
function switchOf(value: unknown): unknown {
  return value === "true" || value === "false" ? value === "true" : value;
}

/** The same of a number. */
function numberOf(value: unknown): unknown {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
}

function platformProblem(text: string): string | undefined {
  try {
    parsePlatform(text);
    return undefined;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return `${error.message.replace(/\.$/, "")} (${error.hint.replace(/\.$/, "")})`;
  }
}
