/** A registry for one test: Debian's docker-registry, open or with one login. */
import path from "node:path";
import { type Registry, type RegistryOptions, startRegistry } from "../../provision/registry.ts";
import { createSite } from "../../provision/site.ts";
import { type CleanUp, directory, type TestEngine } from "./engine.ts";

export const keeper = { username: "keeper", password: "correct horse" };

/** By htpasswd(1), with bcrypt. */
const logins = `${keeper.username}:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n`;

export interface HarbourWishes extends Pick<RegistryOptions, "address"> {
  /** Whether only {@link keeper} is let in. */
  readonly wantsLogin?: boolean;
}

/** Starts it; it is gone when the test ends. */
export async function harbour(
  engine: TestEngine,
  context: CleanUp,
  { wantsLogin = false, ...options }: HarbourWishes = {},
): Promise<Registry> {
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  const root = await directory(context, { logins });
  const login = wantsLogin ? { logins: path.join(root, "logins") } : {};
  const registry = await startRegistry(site, root, { ...options, ...login });
  context.after(async () => await registry.stop());
  return registry;
}

/** What stands in docker's configuration after `docker login`. */
export function loginFile(host: string): string {
  const auth = Buffer.from(`${keeper.username}:${keeper.password}`).toString("base64");
  return JSON.stringify({ auths: { [host]: { auth } } });
}
