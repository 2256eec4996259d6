/** Requests as engines and others make them, and what becomes of them when pieces are dropped, doubled, exchanged or changed. */
import { oneOf, type Random } from "../random.ts";
import { requestText } from "./client.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";

export type Requests = Pick<LiveEndpoint, "base" | "parts">;

function originalsOf({ base, parts }: Requests): readonly string[] {
  const targets = [
    "/v2/",
    `${base}manifests/latest`,
    ...parts.manifests.map(({ descriptor }) => `${base}manifests/${descriptor.digest}`),
    ...parts.blobs.map(({ digest }) => `${base}blobs/${digest}`),
  ];
  const blob = targets.at(-1) ?? "";
  const accept = "application/vnd.oci.image.index.v1+json, */*";
  const body = { "Content-Length": "5", Expect: "100-continue" };
  return [
    ...targets.map((target) => requestText(target)),
    ...targets.map((target) =>
      requestText(target, { method: "HEAD", headers: { Accept: accept } }),
    ),
    ...["bytes=0-", "bytes=3-9", "bytes=-5", "bytes=9999-", "bytes=0-1,3-4"].map((range) =>
      requestText(blob, { headers: { Range: range, "User-Agent": "docker/28.5.2 go/go1.24" } }),
    ),
    requestText(`${blob}?ns=127.0.0.1%3A5000`, { headers: { Connection: "close" } }),
    requestText(`${base}blobs/uploads/`, { method: "POST" }),
    requestText(blob, { method: "DELETE" }),
    requestText(`${base}tags/list`),
    requestText("/v2/_catalog"),
    requestText(`http://127.0.0.1${blob}`),
    requestText("*", { method: "OPTIONS" }),
    requestText("127.0.0.1:22", { method: "CONNECT" }),
    requestText("/v2/", { headers: { Connection: "Upgrade", Upgrade: "h2c" } }),
    `${requestText(blob, { headers: body })}hello`,
    `${requestText(blob, { headers: { "Transfer-Encoding": "chunked" } })}5\r\nhello\r\n0\r\n\r\n`,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03".padEnd(170, "\x42"),
  ];
}

/** What means something to a parser. */
const pieces: readonly string[] = [
  ..."/ . .. // %2F %2e %00 ? # : ; , = - * @ \\ v2 V2 sha256: latest http://a".split(" "),
  ..."GET HEAD POST CONNECT HTTP/1.1 HTTP/1.0 HTTP/2.0 Range: bytes= close keep-alive".split(" "),
  ..."0 1 -1 9999999999999999999999 0x10 1e9".split(" "),
  "Content-Length: 3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Expect: 100-continue\r\n",
  "Connection: close\r\n",
  "a: b\r\n",
  " ",
  "\t",
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\0",
  "\xff",
];

/** One of the requests, or several behind each other, after some changes. Each character is a byte. */
export function mutated(requests: Requests, random: Random): string {
  const originals = originalsOf(requests);
  const count = 1 + Math.floor(random() ** 4 * 90);
  let text = Array.from({ length: count }, () => oneOf(originals, random)).join("");
  const changes = Math.floor(random() * 7);
  for (let change = 0; change < changes; change += 1) text = changed(text, originals, random);
  return text;
}

function changed(text: string, originals: readonly string[], random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  const end = at + 1 + Math.floor(random() ** 3 * 60);
  const [before, own, behind] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (Math.floor(random() * 7)) {
    case 0:
      return before + behind;
    case 1:
      return before + own.repeat(2 + Math.floor(random() ** 6 * 400)) + behind;
    case 2:
      return before + oneOf(pieces, random) + own + behind;
    case 3:
      return before + flipped(own, random) + behind;
    case 4:
      return before + oneOf(originals, random).slice(Math.floor(random() * 100)) + behind;
    case 5:
      return linesExchanged(text, random);
    default:
      return before;
  }
}

/** One bit of its first character. */
function flipped(text: string, random: Random): string {
  if (text === "") return text;
  return String.fromCharCode(text.charCodeAt(0) ^ (1 << Math.floor(random() * 8))) + text.slice(1);
}

function linesExchanged(text: string, random: Random): string {
  const lines = text.split("\r\n");
  const one = Math.floor(random() * lines.length);
  const other = Math.floor(random() * lines.length);
  return lines
    .map((line, at) => (at === one ? lines[other] : at === other ? lines[one] : line))
    .join("\r\n");
}
