/**
 * What a build says of itself while it runs: `docker buildx build --progress=rawjson` writes one JSON document a line to standard
 * error, and plain text (the error, the Dockerfile's lines) between them. Source: moby/buildkit, `client/graph.go` (SolveStatus).
 */
import * as z from "zod";

/** A step of a build, as BuildKit's solver sees it. It is told again whenever something of it changes. */
export interface Vertex {
  /** `sha256:…`: names the step within the build. */
  readonly digest: string;
  /** `[linux/arm64 build 2/5] RUN npm ci`, `[internal] load .dockerignore`, `exporting to oci image format`. */
  readonly name: string;
  /** Milliseconds since the epoch, with fractions; a step may start and complete several times. */
  readonly started: number | undefined;
  readonly completed: number | undefined;
  readonly cached: boolean;
  /** Why it failed, or `context canceled` where another one did. */
  readonly error: string | undefined;
}

/** A part of a step that is counted: a layer being pulled, a context being sent, an export. */
export interface VertexStatus {
  readonly vertex: string;
  readonly id: string;
  /** Of what is counted; 0 where nothing is. Bytes for everything that is transferred. */
  readonly current: number;
  readonly total: number;
  readonly started: number | undefined;
  readonly completed: number | undefined;
}

/** Something that a step's command printed: whole lines or parts of them. */
export interface VertexLog {
  readonly vertex: string;
  /** 1 is standard output, 2 standard error. */
  readonly stream: number;
  readonly data: Uint8Array;
  readonly timestamp: number;
}

export interface SolveStatus {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  /** What BuildKit's own checks say of the Dockerfile: `MaintainerDeprecated: … (line 4)`. */
  readonly warnings: readonly string[];
}

const time = z.string().transform(milliseconds);
/** Go writes the null of a pointer that is absent, and leaves out what is empty. */
const absent = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((one) => one ?? undefined);
const count = z.number().default(0);
const base64 = z.string().transform((text): Uint8Array => Buffer.from(text, "base64"));

const vertex = z.object({
  digest: z.string(),
  name: z.string().default(""),
  started: absent(time),
  completed: absent(time),
  cached: z.boolean().default(false),
  error: absent(z.string()),
});
const status = z.object({
  vertex: z.string(),
  id: z.string(),
  current: count,
  total: count,
  started: absent(time),
  completed: absent(time),
});
const log = z.object({
  vertex: z.string(),
  stream: z.number().default(1),
  data: base64,
  timestamp: time,
});
const warning = z.object({ short: base64 });
const solveStatus = z.object({
  vertexes: z.array(vertex).nullish(),
  statuses: z.array(status).nullish(),
  logs: z.array(log).nullish(),
  warnings: z.array(warning).nullish(),
});

/** A line that is no status: an error, a warning of the client's. */
export interface OtherText {
  readonly text: string;
}

/** A document that is longer is no status. */
const longestDocument = 16 * 1024 * 1024;

/**
 * Reads the lines of standard error one after the other: a status where one is whole, the line where it is other text, `undefined`
 * within a document (buildx before 0.14 writes each indented, over many lines).
 */
export function createStatusReader(): (line: string) => SolveStatus | OtherText | undefined {
  let document = "";
  return (line) => {
    if (document === "" && line !== "{") return readSolveStatus(line) ?? { text: line };
    document += `${line}\n`;
    if (line !== "}" && document.length < longestDocument) return undefined;
    const text = document;
    document = "";
    return readSolveStatus(text) ?? { text };
  };
}

function readSolveStatus(text: string): SolveStatus | undefined {
  if (!text.startsWith("{")) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = solveStatus.safeParse(document);
  if (data === undefined) return undefined;
  return {
    vertexes: data.vertexes ?? [],
    statuses: data.statuses ?? [],
    logs: data.logs ?? [],
    warnings: (data.warnings ?? []).map(({ short }) => Buffer.from(short).toString()),
  };
}

/** RFC 3339 with up to nine digits of a second, of which `Date` reads three. */
function milliseconds(text: string): number {
  const digits = /\.\d{3}(\d+)/.exec(text)?.[1];
  return Date.parse(text) + (digits === undefined ? 0 : Number(`0.${digits}`));
}
