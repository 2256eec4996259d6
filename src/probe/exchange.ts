/**
 * One question over a socket, asked by the probe from inside a container: the bytes it reads, and what its exit code
 * and its output mean. DNS messages: RFC 1035, section 4; ICMP echo: RFC 792; addresses: ip(7), ipv6(7).
 */
import { viewOf } from "../binary/bytes.ts";
import { isIPv4, isIPv6 } from "node:net";

export interface Exchange {
  readonly target: { readonly address: string; readonly port: number };
  readonly transport: "tcp" | "udp" | "icmp";
  /** Sent after connecting; where it is empty nothing is sent and no reply is awaited. */
  readonly payload: Uint8Array;
  /** Whole seconds until the probe gives up, 1 to 255. */
  readonly seconds: number;
}

const sockets = {
  tcp: { type: 1, protocol: 0 },
  udp: { type: 2, protocol: 0 },
  /** An unprivileged echo socket (icmp(7)), which engines allow inside containers by `net.ipv4.ping_group_range`. */
  icmp: { type: 2, protocol: 1 },
} as const;

/** What the probe reads: u8 seconds, domain, type, protocol, n; n bytes of address; the payload. At most 4,096 bytes. */
export function exchangeRequest({ target, transport, payload, seconds }: Exchange): Uint8Array {
  const { type, protocol } = sockets[transport];
  const address = socketAddress(target.address, target.port);
  const domain = address[0] ?? 0;
  const request = Uint8Array.of(
    seconds,
    domain,
    type,
    protocol,
    address.length,
    ...address,
    ...payload,
  );
  if (request.byteLength > 4096) throw new RangeError("the probe reads 4,096 bytes and no more");
  return request;
}

/** `struct sockaddr_in` or `sockaddr_in6` of Linux on a little-endian machine; a link-local zone is left out. */
function socketAddress(address: string, port: number): readonly number[] {
  const portBytes = [port >> 8, port & 255];
  if (isIPv4(address)) {
    return [2, 0, ...portBytes, ...address.split(".").map(Number), 0, 0, 0, 0, 0, 0, 0, 0];
  }
  if (!isIPv6(address)) throw new RangeError(`"${address}" is not an IP address`);
  return [10, 0, ...portBytes, 0, 0, 0, 0, ...ipv6Bytes(address), 0, 0, 0, 0];
}

function ipv6Bytes(address: string): readonly number[] {
  // The URL parser writes every form as up to eight hexadecimal groups with one `::` (WHATWG URL, IPv6 serializer).
  const [bare = ""] = address.split("%");
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const [left = "", right] = canonical.split("::");
  const before = groups(left);
  const after = groups(right ?? "");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

function groups(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}

/** How an exchange ended, by the probe's exit code. */
export type ExchangeEnd =
  | { readonly kind: "done" }
  /** The other side answered that nothing listens: it was reached. */
  | { readonly kind: "refused" }
  /** Nothing came within the exchange's seconds. */
  | { readonly kind: "silent" }
  /** There is no way there (ENETUNREACH, EHOSTUNREACH). */
  | { readonly kind: "unreachable"; readonly errno: number }
  /** This socket may not be opened here (EPERM, EACCES, EPROTONOSUPPORT, EAFNOSUPPORT). */
  | { readonly kind: "forbidden"; readonly errno: number }
  | { readonly kind: "failed"; readonly errno: number };

/** Reads the probe's exit code: an errno of Linux (asm-generic/errno.h), or 128 + SIGALRM when its time was over. */
export function readExchange(exitCode: number): ExchangeEnd {
  switch (exitCode) {
    case 0:
      return { kind: "done" };
    case 111:
      return { kind: "refused" };
    case 142:
    case 110:
      return { kind: "silent" };
    case 101:
    case 113:
      return { kind: "unreachable", errno: exitCode };
    case 1:
    case 13:
    case 93:
    case 97:
      return { kind: "forbidden", errno: exitCode };
    default:
      return { kind: "failed", errno: exitCode };
  }
}

/** An ICMP echo request; the kernel fills in the identifier and the checksum. */
export function echoRequest(): Uint8Array {
  return Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 1);
}

export function isEchoReply(reply: Uint8Array): boolean {
  return reply.byteLength >= 8 && reply[0] === 0;
}

/** A DNS query for the IPv4 addresses of a name. */
export function dnsQuery(name: string, id: number): Uint8Array {
  const labels = name.split(".").filter((label) => label !== "");
  const header = [id >> 8, id & 255, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
  const question: number[] = [];
  for (const label of labels) {
    const bytes = new TextEncoder().encode(label);
    if (bytes.byteLength > 63) throw new RangeError(`the label "${label}" has more than 63 bytes`);
    question.push(bytes.byteLength, ...bytes);
  }
  return Uint8Array.of(...header, ...question, 0, 0, 1, 0, 1);
}

export interface DnsReply {
  /** 0 no error, 2 server failure, 3 no such name, 5 refused. */
  readonly code: number;
  /** IPv4 addresses among the answers. */
  readonly addresses: readonly string[];
}

/** Reads the reply to the query of that id; `undefined` where it is none. */
export function readDnsReply(reply: Uint8Array, id: number): DnsReply | undefined {
  if (reply.byteLength < 12) return undefined;
  const view = viewOf(reply);
  const flags = view.getUint16(2);
  if (view.getUint16(0) !== id || (flags & 0x8000) === 0) return undefined;
  let at = 12;
  for (let left = view.getUint16(4); left > 0; left -= 1) at = nameEnd(reply, at) + 4;
  const addresses: string[] = [];
  for (let left = view.getUint16(6); left > 0; left -= 1) {
    at = nameEnd(reply, at);
    if (at + 10 > reply.byteLength) break;
    const isAddress = view.getUint16(at) === 1 && view.getUint16(at + 2) === 1;
    const length = view.getUint16(at + 8);
    at += 10;
    if (isAddress && length === 4 && at + 4 <= reply.byteLength) {
      addresses.push(reply.subarray(at, at + 4).join("."));
    }
    at += length;
  }
  return { code: flags & 15, addresses };
}

/** Where the name that begins there ends; a pointer (two high bits) is its last part. */
function nameEnd(message: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined) return message.byteLength;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += length + 1;
  }
}
