/** The network: the port answers from outside, and the container reaches its gateway and its name server. */
import { randomInt } from "node:crypto";
import { lookup } from "node:dns/promises";
import {
  exchangeRequest,
  echoRequest,
  dnsQuery,
  readDnsReply,
  readExchange,
  type Exchange,
} from "../probe/exchange.ts";
import { readFiles } from "../probe/files.ts";
import { failed, type Outcome, pass, skip } from "./check.ts";
import type { Container } from "./container.ts";
import type { Started } from "./readiness.ts";

/** A name for questions; whether it is known does not matter (RFC 2606, section 3). */
const knownName = "example.com";
/** Seconds that the probe waits for an answer. */
const patience = 3;

export async function checkNetwork(
  container: Container,
  { answered, service, state }: Started,
): Promise<Outcome> {
  const [gateway, resolver] = await Promise.all([
    reachesGateway(container, state.gateway),
    resolves(container),
  ]);
  const port =
    service === undefined || answered === undefined
      ? undefined
      : `port ${service.inside} answers at ${service.host}:${service.port} (${answered === "http" ? "HTTP" : "TCP"})`;
  return judgeNetwork({ port, gateway, resolver });
}

/** A way that was tried: reached or not, or not to be tried, with the words for it. */
export interface Way {
  readonly outcome: "reached" | "unreached" | "untried";
  readonly text: string;
}

/** What was tried must have been reached; a port is asked from outside before. */
export function judgeNetwork(seen: {
  readonly port: string | undefined;
  readonly gateway: Way;
  readonly resolver: Way;
}): Outcome {
  const { port, gateway, resolver } = seen;
  const detail = [port ?? "no port was asked", gateway.text, resolver.text].join(", ");
  if (gateway.outcome === "unreached" || resolver.outcome === "unreached") return failed(detail);
  if (gateway.outcome === "untried" && port === undefined) return skip(detail);
  return pass(detail);
}

async function reachesGateway(container: Container, gateway: string | undefined): Promise<Way> {
  if (gateway === undefined) return { outcome: "untried", text: "it has no gateway" };
  const ping = await exchange(container, {
    target: { address: gateway, port: 0 },
    transport: "icmp",
    payload: echoRequest(),
    seconds: patience,
  });
  if (ping === undefined) return untried("gateway");
  if (ping.end.kind === "done") return { outcome: "reached", text: `gateway ${gateway} reached` };
  // Where an unprivileged ping is forbidden, or goes unanswered, a refused connection proves the way as well.
  const tcp = await exchange(container, {
    target: { address: gateway, port: 1 },
    transport: "tcp",
    payload: new Uint8Array(),
    seconds: patience,
  });
  const isReached = tcp?.end.kind === "done" || tcp?.end.kind === "refused";
  return isReached
    ? { outcome: "reached", text: `gateway ${gateway} reached` }
    : {
        outcome: "unreached",
        text: `gateway ${gateway} not reached (${tcp?.end.kind ?? "not tried"})`,
      };
}

/** Whether this machine's own name server answers: then the container's must as well. */
async function machineResolves(): Promise<boolean> {
  try {
    await lookup(knownName);
    return true;
  } catch (error) {
    // Only a server that answered can say that there is no such name.
    return error instanceof Error && "code" in error && error.code === "ENOTFOUND";
  }
}

/** Any reply of the name server is one: whether the name is known is not the image's matter. */
async function resolves(container: Container): Promise<Way> {
  const file = await container.probe(["/etc/resolv.conf"]);
  if (file === undefined) return untried("name server");
  const [read] = file.exitCode === 0 ? readFiles(file.output) : [];
  const lines = Buffer.from(read?.bytes ?? []).toString();
  const server = /^\s*nameserver\s+([0-9a-fA-F.:]+)/m.exec(lines)?.[1];
  if (server === undefined)
    return { outcome: "unreached", text: "no name server in /etc/resolv.conf" };
  const id = randomInt(65_536);
  const asked = await exchange(container, {
    target: { address: server, port: 53 },
    transport: "udp",
    payload: dnsQuery(knownName, id),
    seconds: patience,
  });
  const reply = asked === undefined ? undefined : readDnsReply(asked.output, id);
  if (reply !== undefined) return { outcome: "reached", text: `name server ${server} answers` };
  const text = `name server ${server} did not answer (${asked?.end.kind ?? "not tried"})`;
  return (await machineResolves())
    ? { outcome: "unreached", text }
    : { outcome: "untried", text: `${text}, and this machine's does not either` };
}

async function exchange(container: Container, request: Exchange) {
  const probed = await container.probe(["exchange"], exchangeRequest(request));
  return probed && { end: readExchange(probed.exitCode), output: probed.output };
}

function untried(what: string): Way {
  return { outcome: "untried", text: `${what} not tried (there is no probe for the platform)` };
}
