/** The ports of a service that the server itself listens on. */
import type { PublishedPort } from "../../deploy/run-arguments.ts";
import type { Port } from "./keys.ts";
import { type RunQuestion, wayOf } from "./question.ts";
import { problem, type Reading, type Remark, together, warning } from "./remark.ts";

/** Compose makes an entry of each port of `3000-3001:3000-3001`, so that an entry's own place is not told. */
export function publishedPorts(question: RunQuestion): Reading<readonly PublishedPort[]> {
  const way = wayOf(question, "ports");
  return together(question.keys.ports.map((port) => published(port, way)));
}

function published(port: Port, way: Remark["way"]): Reading<readonly PublishedPort[]> {
  const { target, published: host, host_ip: address, protocol } = port;
  const shown = `${address === undefined ? "" : `${address}:`}${host}${host === "" ? "" : ":"}${target}/${protocol}`;
  if (protocol !== "tcp" && protocol !== "udp")
    return without(
      problem(way, `The port ${shown} is neither tcp nor udp, and cannot be published.`),
    );
  if (host === "" || host === "0") {
    const text = `The port ${shown} is not published: it would get another port of the server in every release. Write SERVER:${target} for one that stays; the proxy needs none.`;
    return without(warning(way, text));
  }
  if (!/^\d+$/.test(host)) {
    const text = `The port ${shown} is one of several of the server, and a deploy must know which: write one number.`;
    return without(problem(way, text));
  }
  const place = address === undefined ? {} : { address };
  return { value: [{ ...place, host: Number(host), container: target, protocol }], remarks: [] };
}

function without(remark: Remark): Reading<readonly PublishedPort[]> {
  return { value: [], remarks: [remark] };
}
