/** An app that goes: the proxy of its server forgets it, and goes as well when it was the last. */
import { fail } from "../../errors.ts";
import { quote } from "../../process/command.ts";
import { type AppName, networkOf } from "../names.ts";
import type { Session } from "../session.ts";
import { lookAtProxy, proxyImageAt, proxyVariables, underLock, withPieces } from "./access.ts";
import { proxyConfiguration } from "./configuration.ts";

const deadlineMs = 120_000;

/** Nothing happens where there is no proxy, or it does not know the app. @throws PROXY_REFUSED, the errors of ssh */
export async function leaveProxy(session: Session, app: AppName): Promise<void> {
  const { server, facts } = session;
  const image = await proxyImageAt(session);
  if (image === undefined) return;
  const { apps, sum } = await lookAtProxy(session, { app, image });
  if (!apps.apps.some(({ name }) => name === app)) return;
  const others = apps.apps.filter(({ name }) => name !== app);
  const forget =
    others.length === 0
      ? '$docker rm --force "$proxy" && $docker volume rm "$proxy" && $docker network rm "$proxy"'
      : `printf %s ${quote(proxyConfiguration({ ...apps, apps: others }))} | configure_proxy ${sum} && leave_proxy ${networkOf(app)}`;
  const script = `${proxyVariables(facts.access, image)}\n${underLock(app)}\n${forget}`;
  const what = `Taking ${app} out of the proxy of ${server.name}`;
  const { exitCode, stderr } = await server.shell.run(await withPieces(script), {
    deadlineMs,
    what,
  });
  if (exitCode === 0) return;
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  throw fail("PROXY_REFUSED", { target: server.name, reason: reason || `exit code ${exitCode}` });
}
