/** Answers of HTTP/1.1 as they come over a socket (RFC 9112): what a load has to know of them, and where they end. */

/** Bytes that the head of an answer may have. */
const headLimit = 65_536;

export interface Answer {
  readonly status: number;
  /** What the header `x-release` says. */
  readonly release?: string;
  /** Whether the server lets the connection stay open for another request. */
  readonly isKept: boolean;
}

/** `broken`: it is no answer of HTTP/1.1. */
export type Progress = "more" | "done" | "broken";

export interface AnswerReader {
  /** Takes the next bytes. What comes after the end of the answer is `broken`. */
  read(chunk: Buffer): Progress;
  /** The server has ended the connection: an answer without a length ends so. */
  end(): Progress;
  /** Known from the moment that its head is whole. */
  readonly answer: Answer | undefined;
  /** Whether anything at all has come. */
  readonly hasBegun: boolean;
}

export function answerReader(): AnswerReader {
  let head: Buffer = Buffer.alloc(0);
  let answer: Answer | undefined;
  let hasBegun = false;
  let body: Body = lengthBody(0);
  const readHead = (chunk: Buffer): Progress => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return head.length > headLimit ? "broken" : "more";
    const parsed = parseHead(head.toString("latin1", 0, end));
    if (parsed === undefined) return "broken";
    const rest = head.subarray(end + 4);
    head = Buffer.alloc(0);
    // An interim answer (100, 103) is followed by the real one.
    if (parsed.answer.status < 200) return rest.length === 0 ? "more" : readHead(rest);
    ({ answer, body } = parsed);
    return body.read(rest);
  };
  return {
    get answer() {
      return answer;
    },
    get hasBegun() {
      return hasBegun;
    },
    read(chunk) {
      hasBegun = true;
      return answer === undefined ? readHead(chunk) : body.read(chunk);
    },
    end: () => (answer === undefined ? "broken" : body.end()),
  };
}

/** How far a body has come; its bytes are not kept. */
interface Body {
  read(chunk: Buffer): Progress;
  end(): Progress;
}

function parseHead(text: string): { readonly answer: Answer; readonly body: Body } | undefined {
  const [line = "", ...fields] = text.split("\r\n");
  const [, minor, code] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(line) ?? [];
  if (code === undefined) return undefined;
  const headers = new Map(fields.map(fieldOf));
  const status = Number(code);
  const release = headers.get("x-release");
  const connection = headers.get("connection")?.toLowerCase();
  const length = headers.get("content-length");
  const isChunked = headers.get("transfer-encoding")?.toLowerCase() === "chunked";
  const isEmpty = status < 200 || status === 204 || status === 304;
  const isUntilEnd = !isEmpty && !isChunked && length === undefined;
  const isKept = !isUntilEnd && (minor === "1" ? connection !== "close" : false);
  return {
    answer: { status, isKept, ...(release === undefined ? {} : { release }) },
    body: isEmpty
      ? lengthBody(0)
      : isChunked
        ? chunkedBody()
        : length === undefined
          ? bodyUntilEnd
          : lengthBody(Number(length)),
  };
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function lengthBody(length: number): Body {
  let left = length;
  const progress = () => (left > 0 ? "more" : left === 0 ? "done" : "broken");
  return {
    read(chunk) {
      left -= chunk.length;
      return progress();
    },
    end: () => (left === 0 ? "done" : "broken"),
  };
}

const bodyUntilEnd: Body = { read: () => "more", end: () => "done" };

/** RFC 9112, 7.1; the fields of a trailer are passed over. */
function chunkedBody(): Body {
  let line = "";
  let left = 0;
  let state: "size" | "data" | "trailer" | "done" = "size";
  const takeLine = (): Progress | undefined => {
    if (state === "trailer") {
      if (line === "") state = "done";
    } else if (line !== "") {
      // The line end behind the data of the chunk before is an empty line.
      const size = Number.parseInt(line, 16);
      if (Number.isNaN(size)) return "broken";
      left = size;
      state = size === 0 ? "trailer" : "data";
    }
    line = "";
    return undefined;
  };
  return {
    read(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (state === "done") return "broken";
        if (state === "data") {
          const taken = Math.min(left, chunk.length - at);
          at += taken;
          left -= taken;
          if (left === 0) state = "size";
          continue;
        }
        const end = chunk.indexOf(10, at);
        line += chunk.toString("latin1", at, end === -1 ? chunk.length : end);
        if (line.length > headLimit) return "broken";
        at = end === -1 ? chunk.length : end + 1;
        if (end === -1) break;
        line = line.replace(/\r$/, "");
        if (takeLine() === "broken") return "broken";
      }
      return state === "done" ? "done" : "more";
    },
    end: () => (state === "done" ? "done" : "broken"),
  };
}
