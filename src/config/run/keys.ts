/** The keys of a service that say how it is run, as Compose writes them; those with an option of docker are in option-keys.ts. */
import * as z from "zod";
import { text, texts } from "./shape.ts";

const port = z.object({
  target: z.int(),
  /** A number or a range; none: any free one. */
  published: text.default(""),
  host_ip: z.string().optional(),
  protocol: z.string().default("tcp"),
});

const mount = z.object({
  type: z.string(),
  source: z.string().default(""),
  target: z.string(),
  read_only: z.boolean().default(false),
  bind: z
    .object({
      propagation: z.string().optional(),
      create_host_path: z.boolean().default(false),
      selinux: z.string().optional(),
      recursive: z.string().optional(),
    })
    .optional(),
  volume: z
    .object({ nocopy: z.boolean().default(false), subpath: z.string().default("") })
    .optional(),
  tmpfs: z.object({ size: text.optional(), mode: z.int().optional() }).optional(),
});

const network = z.looseObject({
  aliases: z.array(z.string()).default([]),
  ipv4_address: z.string().optional(),
  ipv6_address: z.string().optional(),
  mac_address: z.string().optional(),
});

/** Of a secret or of a config. */
const file = z.object({
  source: z.string(),
  target: z.string().default(""),
  uid: z.string().optional(),
  gid: z.string().optional(),
  /** Octal as a text since Compose 2.30 or so, a number before. */
  mode: z
    .union([z.int(), z.string().regex(/^0?[0-7]{1,4}$/)])
    .transform((mode) => (typeof mode === "number" ? mode : Number.parseInt(mode, 8)))
    .optional(),
});

const dependency = z.object({ condition: z.string().default("service_started") });

const amounts = z.looseObject({
  cpus: text.optional(),
  memory: text.optional(),
  pids: text.optional(),
});

/** What Compose calls `deploy` is Swarm's (compose-spec, deploy.md). */
const swarm = z.looseObject({
  mode: z.string().default("replicated"),
  replicas: z.int().optional(),
  resources: z
    .looseObject({
      limits: amounts.optional(),
      reservations: z
        .looseObject({
          memory: text.optional(),
          devices: z.array(z.looseObject({ capabilities: z.array(z.string()) })).default([]),
        })
        .optional(),
    })
    .optional(),
  restart_policy: z
    .looseObject({ condition: z.string().optional(), max_attempts: z.int().optional() })
    .optional(),
  update_config: z
    .looseObject({
      parallelism: z.int().optional(),
      failure_action: z.string().optional(),
      monitor: z.string().optional(),
      order: z.string().optional(),
    })
    .optional(),
});

export const runKeys = z.object({
  environment: z.record(z.string(), text.nullable()).default({}),
  ports: z.array(port).default([]),
  volumes: z.array(mount).default([]),
  networks: z.record(z.string(), network.nullable()).default({}),
  network_mode: z.string().optional(),
  restart: z.string().optional(),
  entrypoint: texts.nullish(),
  command: texts.nullish(),
  secrets: z.array(file).default([]),
  configs: z.array(file).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()).default([]) }).optional(),
  depends_on: z.record(z.string(), dependency).default({}),
  links: z.array(z.string()).default([]),
  volumes_from: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  ipc: z.string().default(""),
  pid: z.string().default(""),
  stop_grace_period: z.string().optional(),
  container_name: z.string().optional(),
  mac_address: z.string().optional(),
  scale: z.int().optional(),
  deploy: swarm.default({ mode: "replicated" }),
});

export type RunKeys = z.output<typeof runKeys>;
export type SwarmKeys = RunKeys["deploy"];
export type Port = RunKeys["ports"][number];
export type Mount = RunKeys["volumes"][number];
export type FileReference = RunKeys["secrets"][number];

/** The networks, volumes, secrets and configs of the project, by the names that services have for them. */
const named = z.looseObject({ name: z.string().optional(), external: z.boolean().default(false) });

const networkPool = z.object({
  subnet: z.string().optional(),
  ip_range: z.string().optional(),
  gateway: z.string().optional(),
  aux_addresses: z.record(z.string(), z.string()).default({}),
});

const driven = named.extend({
  driver: z.string().optional(),
  driver_opts: z.record(z.string(), text).default({}),
  labels: z.record(z.string(), text).default({}),
});

const projectNetwork = driven.extend({
  internal: z.boolean().default(false),
  attachable: z.boolean().default(false),
  enable_ipv6: z.boolean().optional(),
  ipam: z
    .object({ driver: z.string().optional(), config: z.array(networkPool).default([]) })
    .default({ config: [] }),
});

const content = named.extend({
  file: z.string().optional(),
  environment: z.string().optional(),
  content: z.string().optional(),
});

export const projectParts = z.object({
  name: z.string(),
  networks: z.record(z.string(), projectNetwork.nullable()).default({}),
  volumes: z.record(z.string(), driven.nullable()).default({}),
  secrets: z.record(z.string(), content).default({}),
  configs: z.record(z.string(), content).default({}),
});

export type ProjectParts = z.output<typeof projectParts>;
export type ProjectNetwork = z.output<typeof projectNetwork>;
export type ProjectVolume = z.output<typeof driven>;
