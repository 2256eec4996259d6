/** What may stand under `x-transship.deploy`: how a service is deployed. It is a part of schema.ts. */
import * as z from "zod";
import { isHost, mostDrainSeconds } from "../deploy/proxy/app.ts";
import { durationPattern, parseDuration } from "./duration.ts";

const count = z.preprocess(numberOf, z.int().positive()).optional();

const plainName = /^[^\s/:@]+$/;

const hooks = z.strictObject({
  before_switch: z
    .union([z.array(z.string()).min(1), z.string().min(1)])
    .optional()
    .describe("What is run, as words, or as one text for `sh -c`."),
  timeout: duration("How long it may take."),
});

export const deploy = z.strictObject({
  strategy: z
    .enum(["proxy", "recreate"])
    .optional()
    .describe(
      "`proxy`: the new release is started beside the old one, and the proxy switches over. `recreate`: the old one is stopped first. Left out: what `deploy.update_config.order` says, `start-first` or `stop-first`; else what can be, and what the app has already.",
    ),
  host: z
    .array(
      z
        .string()
        .regex(plainName, {
          error: "a host's name stands alone, such as app.example.org: no scheme, port or path",
        })
        .refine((host) => !plainName.test(host) || isHost(host.toLowerCase()), {
          error:
            "it is no name of a host: labels of letters, digits and hyphens, with dots between",
        }),
    )
    .min(1)
    .optional()
    .describe(
      "The names of hosts that the proxy answers for, such as `app.example.org`, or `*.example.org` for all below it. Left out: every host that no other app of the server has.",
    ),
  tls: z
    .strictObject({
      certificate: z.string().min(1).describe("The chain in PEM; the key may stand in it."),
      key: z.string().min(1).optional().describe("The key in PEM."),
    })
    .optional()
    .describe(
      "With which the proxy speaks TLS for the hosts: `certificate` (the chain in PEM) and `key`, files of this machine. A renewed one is taken with the next deploy, and no connection is lost.",
    ),
  behind_front: z
    .preprocess(switchOf, z.boolean())
    .optional()
    .describe(
      "Whether another front (Caddy, nginx, a load balancer) stands before the proxy, whose `X-Forwarded-…` are to be believed. It holds for all apps of the server.",
    ),
  proxy_image: z
    .string()
    .regex(/^[^\s-]\S*$/, { error: "an image's name has no blanks" })
    .optional()
    .describe(
      "The image of HAProxy that the proxy is made of. Left out: what the server's proxy is made of already, else `haproxy:3.2-alpine`.",
    ),
  port: z
    .preprocess(numberOf, z.int().min(1).max(65_535))
    .optional()
    .describe(
      "The container's port that the proxy and the health check speak to. Left out: the first that is published, else the first that the image exposes.",
    ),
  health_path: z
    .string()
    .startsWith("/")
    .optional()
    .describe("The path that must answer 200. Default `/api/healthchecker`."),
  health_host: z
    .string()
    .min(1)
    .optional()
    .describe("The name of the host that the health path is asked for by. Default `localhost`."),
  good_answers: count.describe("How many good answers in a row make a release healthy. Default 3."),
  start_timeout: duration("How long a new release may take until it is healthy. Default `60s`."),
  drain_timeout: duration(
    "How long the old release may go on with what it has begun, behind the proxy; `24h` at most. Default `30s`.",
    mostDrainSeconds * 1_000,
  ),
  stop_timeout: duration(
    "How long the old release may take to stop, until it is killed. Left out: the service's `stop_grace_period`.",
  ),
  max_parallel: count.describe(
    "How many servers are deployed to at once. Left out: `deploy.update_config.parallelism`, else 1.",
  ),
  on_failure: z
    .enum(["undo", "leave"])
    .optional()
    .describe(
      "What happens to servers that are finished when another one fails: they go back to the release before (`undo`), or keep the new one (`leave`). Left out: what `deploy.update_config.failure_action` says, `rollback`, or `pause` and `continue`; else `leave`.",
    ),
  hooks: hooks
    .optional()
    .describe(
      "What is run in the new image on the way: `before_switch` (words, or one text for `sh -c`), before the new release gets traffic; and `timeout`, how long that may take (`10m`).",
    ),
  single_writer: z
    .preprocess(switchOf, z.boolean())
    .optional()
    .describe(
      "Whether two releases must never run at the same time, because they write to one volume. Default `false`.",
    ),
});

export type DeployKeys = z.output<typeof deploy>;

/** Of people: `90s`, `1h30m`. `mostMs`: how long it may be. */
export function duration(text: string, mostMs = Number.POSITIVE_INFINITY) {
  return z
    .string()
    .regex(durationPattern, { error: "a duration is written as 90s, 10m or 1h30m" })
    .refine((said) => (parseDuration(said) ?? 0) <= mostMs, {
      error: `it is too long: ${mostMs / 3_600_000}h at most`,
    })
    .optional()
    .describe(text);
}

/** What comes from a variable (`push: ${PUSH}`) is a text. */
export function switchOf(value: unknown): unknown {
  return value === "true" || value === "false" ? value === "true" : value;
}

/** The same of a number. */
function numberOf(value: unknown): unknown {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
}
