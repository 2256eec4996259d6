/** Which of a server's images are asked about. */
import type { Context } from "../context.ts";
import { familiarName } from "../oci/reference.ts";
import type { ImageChoice, ServerFacts } from "../server/facts.ts";
import { shippedRepository, temporaryPattern } from "../server/names.ts";
import { keep, recall } from "../store/answers.ts";
import type { Consignment } from "./cargo.ts";

const lifeMs = 30 * 24 * 60 * 60_000;

/**
 * containerd's image store takes some 70 ms for each image that it tells of, so there it is asked about the one of the same name, and
 * where there is none about a few others. Which store a server has is known from the last time; `undefined`: all are asked about, which
 * the classic one does at once.
 */
export async function choiceFor(
  server: string,
  consignment: Promise<Consignment>,
  { env }: Pick<Context, "env">,
): Promise<ImageChoice | undefined> {
  const [store] = (await recall({ key: keyOf(server), forMs: lifeMs, env })) ?? [];
  if (store !== "containerd") return undefined;
  const { reference } = await consignment;
  const { registry, repository } = reference;
  const own = familiarName({ registry, repository });
  const patterns = [own, shippedRepository(reference), temporaryPattern];
  return { name: familiarName(reference), patterns };
}

export async function rememberStore(
  server: string,
  { engine }: Pick<ServerFacts, "engine">,
  { env }: Pick<Context, "env">,
): Promise<void> {
  await keep(keyOf(server), [engine.imageStore], env);
}

function keyOf(server: string): string {
  return `image store of ${server}`;
}
