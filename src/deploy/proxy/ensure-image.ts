/** The proxy's image on a server: it is there, its engine pulls it, or this machine's copy is shipped like any other image. */
import type { Context } from "../../context.ts";
import { fail, isFailure } from "../../errors.ts";
import { parseSubject } from "../../image/subject.ts";
import { quote } from "../../process/command.ts";
import { searchPath } from "../../server/docker-access.ts";
import { ship } from "../../ship/ship.ts";
import type { ProxySite } from "./access.ts";

const lookDeadlineMs = 30_000;
const pullDeadlineMs = 180_000;

/** @returns its name there. @throws PROXY_IMAGE_MISSING, the errors of ssh */
export async function ensureProxyImage(
  { server: { shell, name, target }, facts: { access } }: ProxySite,
  image: string,
  context: Context,
): Promise<string> {
  const isThere = `${searchPath}\n${access} image inspect --format . ${quote(image)} >/dev/null 2>&1`;
  const look = { deadlineMs: lookDeadlineMs, what: `Looking for ${image} on ${name}` };
  if ((await shell.run(isThere, look)).exitCode === 0) return image;
  context.report({ kind: "note", text: `${name} needs the proxy's image ${image}.` });
  const pull = `${searchPath}\n${access} pull --quiet ${quote(image)}`;
  const wait = { deadlineMs: pullDeadlineMs, what: `Pulling ${image} on ${name}` };
  const pulled = await shell.run(pull, wait);
  if (pulled.exitCode === 0) return image;
  try {
    await ship({ subject: parseSubject(image), servers: [target], shipAnyway: true }, context);
    return image;
  } catch (error) {
    if (!isFailure(error) || context.signal.aborted) throw error;
    const reason = pulled.stderr.trim().split("\n").at(-1) ?? "";
    throw fail("PROXY_IMAGE_MISSING", { target: name, image, reason }, { cause: error });
  }
}
