/** What a plan for one server comes to: sent by its way, named, and held against what was expected. */
import type { Context } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import type { ServerFacts } from "../server/facts.ts";
import { shippedName, shippedNames } from "../server/names.ts";
import type { Server } from "../server/server.ts";
import type { Cargo } from "./cargo.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { loadImage } from "./load.ts";
import type { Shipment, Way } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { pullImage } from "./pull.ts";
import type { Push } from "./push.ts";
import { pullFromRegistry } from "./registry.ts";
import { nameScript } from "./scripts.ts";

export interface Delivery {
  readonly server: Server;
  readonly facts: ServerFacts;
  readonly cargo: Cargo;
  readonly shipment: Shipment;
  /** What an engine pulls from through ssh; absent where it goes over a registry. */
  readonly endpoint: Endpoint | undefined;
  /** Absent where it goes without a registry. */
  readonly push: Push | undefined;
  readonly progress: Progress;
  /** How many protecting names of the repository stay, this one among them. */
  readonly keep: number;
}

const scriptDeadlineMs = 60_000;

export interface Delivered {
  readonly outcome: "shipped" | "present";
  /** The way that it went in the end. */
  readonly via: Way;
}

/** @throws SHIP_DIFFERS, the errors of the way */
export async function deliver(delivery: Delivery, context: Context): Promise<Delivered> {
  const { server, shipment, progress } = delivery;
  const { id, name, isThere, way } = shipment;
  const sent = isThere
    ? { actual: await nameOnly(delivery), via: way }
    : await send(delivery, context);
  progress.end();
  const { actual, via } = sent;
  if (actual === id) return { outcome: isThere ? "present" : "shipped", via };
  throw fail("SHIP_DIFFERS", { target: server.name, image: name, expected: id, actual });
}

interface Sent {
  /** The engine's ID of what has the image's name now. */
  readonly actual: string;
  readonly via: Way;
}

async function send(delivery: Delivery, context: Context): Promise<Sent> {
  const { shipment, endpoint, push } = delivery;
  const pulled = () => ({ ...delivery, ...namesOf(delivery, false) });
  if (shipment.way === "registry" && push !== undefined)
    return { via: "registry", actual: await pullFromRegistry({ ...pulled(), push }, context) };
  if (shipment.way === "pull" && endpoint !== undefined) {
    try {
      return { via: "pull", actual: await pullImage({ ...pulled(), endpoint }, context) };
    } catch (error) {
      // Who asked for that way alone wants to know.
      if (shipment.isForced || !isFailure(error, "SHIP_NO_TUNNEL")) throw error;
      context.report({ kind: "warning", text: `${error.message} So it is loaded.` });
    }
  }
  const options = { ...delivery, ...namesOf(delivery, true) };
  return { via: "load", actual: await loadImage(options, context) };
}

/** The image's own name and, where it has none yet, one that protects it; the oldest of these go where they are too many. */
function namesOf({ facts, cargo, shipment, keep }: Delivery, isLoaded: boolean) {
  const { reference } = cargo;
  const others = shippedNames(facts.images, reference);
  const own = facts.images.find(({ id }) => id === shipment.id)?.names ?? [];
  const isProtected = others.some((name) => own.includes(name));
  const fresh = isProtected
    ? []
    : [shippedName(reference, shipment.id, { now: new Date(), isLoaded })];
  const room = Math.max(0, keep - fresh.length);
  return {
    names: [shipment.name, ...fresh],
    gone: others.slice(room).filter((name) => !own.includes(name)),
  };
}

/** The engine has it; it may lack the name. */
async function nameOnly(delivery: Delivery): Promise<string> {
  const { server, facts, shipment } = delivery;
  const { names, gone } = namesOf(delivery, false);
  if (shipment.isNamed && names.length === 1 && gone.length === 0) return shipment.id;
  const naming = { access: facts.access, from: shipment.id, names, gone };
  const what = `Naming ${shipment.name} on ${server.name}`;
  const ran = await server.shell.run(nameScript(naming), { deadlineMs: scriptDeadlineMs, what });
  return ran.stdout.trim().split("\n").at(-1) ?? "";
}
