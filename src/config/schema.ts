/**
 * What may stand under `x-transship`, at the top of compose.yaml for every service, or in a service for that one. From here come the
 * check, `docs/configuration.md` and `schema/`: each key says what it is for and which verbs read it.
 */
import * as z from "zod";
import { isFailure } from "../errors.ts";
import { parsePlatform } from "../platform/platform.ts";
import { deploy, duration, switchOf } from "./deploy-keys.ts";

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
    .describe(
      readBy(
        "The servers that the service runs on: `[USER@]HOST`. `--to` goes before it.",
        "deploy",
      ),
    ),
  releases_to_keep: z
    .int()
    .positive()
    .optional()
    .describe(
      readBy(
        "How many releases stay on a server, the running one among them. Default 3; `--keep` goes before it.",
        "deploy",
      ),
    ),
  bake_time: duration(
    readBy(
      "How long a release is watched after the switch: `90s`, `10m`. Left out: `deploy.update_config.monitor`, else `30s`; `--bake` goes before it.",
      "deploy",
    ),
  ).meta({ examples: ["90s", "10m"] }),
  deploy: deploy
    .optional()
    .describe(
      readBy(
        "How the service is deployed. A service's own goes before that of the top key by key, `hooks` as a whole. Durations are written `90s`, `10m`, `1h30m`. Flags go before it. [Deploying](deploying.md) has what each is for.",
        "deploy",
      ),
    ),
});

export type Settings = z.output<typeof settings>;

/** Every key says so: one that changes nothing yet must not look as if it did. */
function readBy(text: string, ...verbs: readonly string[]): string {
  const names = verbs.map((verb) => `\`${verb}\``).join(" and ");
  return `${text} ${verbs.length === 0 ? "No verb reads it yet." : `Read by ${names}.`}`;
}

function seconds(text: string) {
  return z.number().positive().optional().describe(text);
}

/** Compose makes a moment of a day that stands without quotes: `2027-06-30T00:00:00Z`. */
function dateAlone(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^(\d{4}-\d\d-\d\d)T00:00:00Z$/, "$1") : value;
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
