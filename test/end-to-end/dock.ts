/** A server to ship to, and `transship ship` to it. */
import assert from "node:assert/strict";
import * as z from "zod";
import { type CleanUp, lastFirst, type TestEngine, transship } from "./engine.ts";
import { type BareMachine, bareMachine, type MachineWishes } from "./machine.ts";

const shipped = z.object({
  server: z.string(),
  outcome: z.string(),
  via: z.enum(["pull", "load", "registry"]),
  bytesPredicted: z.number(),
  bytesSent: z.number(),
  layersSent: z.number(),
  layersPresent: z.number(),
  missing: z.array(z.object({ digest: z.string(), size: z.number() })),
  verdict: z.string().optional(),
  foreignRequests: z.number(),
});
const failed = z.object({ server: z.string(), outcome: z.literal("failed") });
const document = z.object({
  digest: z.string(),
  bytesSent: z.number(),
  pushed: z.object({
    reference: z.string(),
    missing: z.array(z.object({ digest: z.string(), size: z.number() })),
    blobsPresent: z.number(),
    bytesSent: z.number(),
  }),
  servers: z.array(z.union([shipped, failed])),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

export interface Dock {
  readonly machine: BareMachine;
  /** As ssh takes it. */
  readonly server: string;
  /** Ships the image of a layout as `app:1`; the first words of `args` may be another server. */
  readonly ship: (layout: string, ...args: readonly string[]) => Promise<Shipped>;
}

export async function dock(
  engine: TestEngine,
  context: CleanUp,
  wishes?: MachineWishes,
): Promise<Dock> {
  const machine = await bareMachine(engine, context, wishes);
  const server = machine.endpoint.replace("ssh://", "");
  return {
    machine,
    server,
    async ship(layout, ...args) {
      const servers = args[0]?.startsWith("-") === false ? [] : [server];
      return await shipping(machine, `oci:${layout}`, ...servers, "--name", "app:1", ...args);
    },
  };
}

/** One for all tests of a file: whoever changes it puts it back. Gone when the last of them has ended. */
export function sharedDock(file: CleanUp): (engine: TestEngine) => Promise<Dock> {
  const context = lastFirst(file);
  let shared: Promise<Dock> | undefined;
  return async (engine) => await (shared ??= dock(engine, context));
}

/** `transship ship … --json`, with an ssh that knows the machine. */
export async function shipping(machine: BareMachine, ...words: readonly string[]) {
  return await shippingWith({}, machine, ...words);
}

/** The same, with more in the environment. */
export async function shippingWith(
  env: Readonly<Record<string, string>>,
  machine: BareMachine,
  ...words: readonly string[]
) {
  const options = { env: { ...env, PATH: machine.path } };
  const ended = await transship(["ship", ...words, "--json"], options);
  const { servers: all = [], ...rest } = document.partial().parse(JSON.parse(ended.stdout));
  const servers = all.filter((one) => "via" in one);
  return {
    ...ended,
    ...rest,
    outcomes: all.map(({ outcome }) => outcome),
    servers,
    first: servers[0],
  };
}

export type Shipped = Awaited<ReturnType<typeof shipping>>;

/** The names of all images there: the engine may hold one that has none. */
export async function names(machine: BareMachine): Promise<readonly string[]> {
  const listed = await machine.docker(
    "image",
    "ls",
    "--all",
    "--format",
    "{{.Repository}}:{{.Tag}}",
  );
  const lines = listed.split("\n").filter((name) => name !== "");
  return lines.toSorted();
}

/** That what was shipped there as `app:1` is whole. */
export async function assertRuns({ machine }: Dock): Promise<void> {
  assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");
}
