/**
 * An endpoint in a process of its own, whose memory is looked at: `node streaming.ts`. It writes as JSON where a blob of a gigabyte is
 * had, and when its standard input ends, how much memory was resident, before anybody came and at most.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { liveEndpoint } from "./live-endpoint.ts";

export interface StreamingStart {
  readonly port: number;
  readonly blob: string;
  readonly manifest: string;
}

/** Bytes. */
export interface StreamingEnd {
  readonly before: number;
  readonly most: number;
  readonly sent: number;
}

const directory = await mkdtemp(path.join(tmpdir(), "transship-streaming-"));
try {
  const live = await liveEndpoint({ directory, zeros: [2 ** 30] });
  live.serve();
  const { port, base, zeros } = live;
  const before = process.memoryUsage.rss();
  say({ port, blob: `${base}blobs/${zeros[0]}`, manifest: `${base}manifests/latest` });
  await text(process.stdin);
  const most = process.resourceUsage().maxRSS * 1024;
  await live.endpoint.close();
  say({ before, most, sent: live.sent.reduce((sum, { bytes }) => sum + bytes, 0) });
} finally {
  await rm(directory, { recursive: true });
}

function say(line: StreamingStart | StreamingEnd): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
