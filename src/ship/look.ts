/** One look at a server: what it says, or as much of it as shows that there is nothing to do. */
import type { Context } from "../context.ts";
import type { FirstFacts, ServerFacts } from "../server/facts.ts";
import { askFacts, type Server } from "../server/server.ts";
import type { Consignment } from "./cargo.ts";
import { choiceFor, rememberStore } from "./image-choice.ts";
import { type Settled, settledIn } from "./settled.ts";

export interface LookOptions {
  readonly consignment: Promise<Consignment>;
  /** Whether all that it says is wanted, whatever it has. */
  readonly isWhole: boolean;
}

export type Seen = { readonly consignment: Consignment } & (
  | { readonly settled: Settled; readonly facts?: never }
  | { readonly settled?: never; readonly facts: ServerFacts }
);

/** @throws the errors of ssh, SERVER_…, of opening the image */
export async function look(server: Server, options: LookOptions, context: Context): Promise<Seen> {
  const choice = await choiceFor(server.name, options.consignment, context);
  const first = Promise.withResolvers<FirstFacts>();
  const asking = askFacts(server, { choice, onFirst: first.resolve });
  const opened = asking.then(async () => await options.consignment);
  // A server that is not reached is told of at once, whatever the image takes.
  const consignment = await Promise.race([options.consignment, opened]);
  const said = await Promise.race([first.promise, asking]);
  const settled = options.isWhole ? undefined : settledIn(consignment, said);
  if (settled !== undefined) return { consignment, settled };
  const facts = await asking;
  await rememberStore(server.name, facts, context);
  return { consignment, facts };
}
