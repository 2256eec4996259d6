/**
 * A registry in memory, on the loopback: strict where the distribution specification is, with a token server of its own, and able to
 * misbehave on demand. The contract beside it holds it to what Debian's docker-registry does.
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createUploads, type UploadWays } from "./memory-uploads.ts";
import { isIndex, parseIndex, parseManifest } from "../../src/oci/document.ts";

export interface Login {
  readonly username: string;
  readonly password: string;
}

export interface MemoryRegistryOptions {
  /** How it wants to be asked. Default: not at all. */
  readonly auth?: "none" | "basic" | "bearer";
  readonly login?: Login;
  /** What the token server takes for a refresh token. */
  readonly identityToken?: string;
  /** Seconds that a token of its server is good for. Default 300. */
  readonly tokenSeconds?: number;
  /** Repositories on which the login may not push. */
  readonly readOnly?: readonly string[];
  /** Bytes of the largest request body that the "proxy before it" lets through. */
  readonly bodyLimit?: number;
  /** The address that it is asked at. Default: the loopback's. */
  readonly address?: string;
  /** What becomes of a request for a part of a blob: given, passed over, refused, or answered with another part. */
  readonly ranges?: "given" | "ignored" | "refused" | "wrong";
  /** Default: they can be gone on with. */
  readonly uploads?: UploadWays;
}

/** The next requests that match are answered so. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /**
   * The status to answer with; a connection that is cut, before the request's body or within it; or an answer's body that ends or
   * stops to flow after so many bytes.
   */
  readonly answer:
    | number
    | "cut"
    | { readonly cutInBody: number }
    | { readonly cutAfter: number }
    | { readonly stallAfter: number };
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How many requests. Default 1. */
  times?: number;
  /** Do what was asked, and only then fail: the answer is lost, not the work. */
  readonly afterwards?: boolean;
}

export interface MemoryRegistry {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  /** Every request as `METHOD /path?query`, in order. */
  readonly requests: string[];
  readonly blobs: Map<string, Buffer>;
  /** By `repository@digest` and `repository:tag`. */
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>;
  readonly faults: Fault[];
  /** Makes every token that was given out worthless. */
  readonly revokeTokens: () => void;
  readonly close: () => Promise<void>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
  readonly answer: Answer;
}

type Answer = (
  status: number,
  headers?: Readonly<Record<string, string>>,
  body?: string | Buffer,
) => void;

export async function startMemoryRegistry(
  options: MemoryRegistryOptions = {},
): Promise<MemoryRegistry> {
  const requests: string[] = [];
  const blobs = new Map<string, Buffer>();
  /** `repository@digest`: a blob is seen only in the repositories that it was pushed to. */
  const links = new Set<string>();
  const manifests: MemoryRegistry["manifests"] = new Map();
  const uploads = createUploads({
    ways: options.uploads ?? "resumed",
    store(repository, name, content) {
      blobs.set(name, content);
      links.add(`${repository}@${name}`);
    },
  });
  const faults: Fault[] = [];
  const tokens = new Map<
    string,
    { readonly scopes: readonly string[]; readonly expires: number }
  >();

  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://registry");
    const line = `${request.method} ${url.pathname}${url.search}`;
    requests.push(line);
    const fault = faults.find(
      (one) => one.method === request.method && one.path.test(url.pathname) && (one.times ?? 1) > 0,
    );
    if (fault !== undefined) fault.times = (fault.times ?? 1) - 1;
    if (fault?.answer === "cut" && fault.afterwards !== true) {
      request.socket.destroy();
      return;
    }
    const size = Number(request.headers["content-length"] ?? 0);
    if (size > (options.bodyLimit ?? Number.POSITIVE_INFINITY)) {
      request.resume();
      response.writeHead(413, { "content-type": "text/html" }).end("<html>too large</html>");
      return;
    }
    const chunks: Buffer[] = [];
    const most = cutInBody(fault) ?? Number.POSITIVE_INFINITY;
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, most - length));
      length += chunk.length;
      if (length < most) continue;
      uploads.broke(url.pathname.split("/").at(-1) ?? "", Buffer.concat(chunks));
      request.socket.destroy();
      return;
    }
    const answer: Answer = (status, headers = {}, body = "") => {
      if (fault?.answer === "cut") request.socket.destroy();
      else if (typeof fault?.answer === "object" && !("cutInBody" in fault.answer)) {
        const sent = "cutAfter" in fault.answer ? fault.answer.cutAfter : fault.answer.stallAfter;
        response.writeHead(status, { "content-length": String(body.length), ...headers });
        response.write(body.slice(0, sent), () => {
          if (typeof fault.answer === "object" && "cutAfter" in fault.answer)
            request.socket.destroy();
        });
      } else response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
    };
    if (typeof fault?.answer === "number") {
      answer(fault.answer, fault.headers, fault.body);
      return;
    }
    const exchange = { request, url, body: Buffer.concat(chunks), answer };
    if (url.pathname === "/token") giveToken(exchange);
    else if (isAllowed(exchange)) route(exchange);
  }

  function giveToken({ request, url, body, answer }: Exchange): void {
    const form = new URLSearchParams(body.toString());
    const isKnown =
      request.method === "POST"
        ? form.get("grant_type") === "refresh_token" &&
          form.get("refresh_token") === options.identityToken
        : request.headers.authorization === basic(options.login);
    if (!isKnown && request.headers.authorization !== undefined) {
      answer(401, {}, errors("UNAUTHORIZED", "incorrect username or password"));
      return;
    }
    if (!isKnown && request.method === "POST") {
      answer(400, {}, JSON.stringify({ error: "invalid_grant" }));
      return;
    }
    const asked =
      request.method === "POST"
        ? (form.get("scope") ?? "").split(" ")
        : url.searchParams.getAll("scope");
    const granted = isKnown
      ? asked.filter((scope) => !isReadOnly(scope))
      : asked.map((scope) => scope.replace(/:pull,push$/, ":pull"));
    const token = randomUUID();
    const seconds = options.tokenSeconds ?? 300;
    tokens.set(token, { scopes: granted, expires: Date.now() + seconds * 1000 });
    const named = request.method === "POST" ? { access_token: token } : { token };
    answer(
      200,
      { "content-type": "application/json" },
      JSON.stringify({ ...named, expires_in: seconds }),
    );
  }

  function isReadOnly(scope: string): boolean {
    return (options.readOnly ?? []).some((name) => scope.startsWith(`repository:${name}:`));
  }

  /** Whether the request may go on; answers it with a challenge when not. */
  function isAllowed({ request, url, answer }: Exchange): boolean {
    const auth = options.auth ?? "none";
    const header = request.headers.authorization ?? "";
    const repository = /^\/v2\/(.+)\/(?:blobs|manifests)\//.exec(url.pathname)?.[1] ?? "";
    const action = ["GET", "HEAD"].includes(request.method ?? "") ? "pull" : "push";
    if (auth === "none") return true;
    if (auth === "basic") {
      if (header !== basic(options.login)) {
        const challenge = { "www-authenticate": 'Basic realm="memory"' };
        answer(401, challenge, errors("UNAUTHORIZED", "authentication required"));
        return false;
      }
      if (action === "pull" || !(options.readOnly ?? []).includes(repository)) return true;
      answer(403, {}, errors("DENIED", "requested access to the resource is denied"));
      return false;
    }
    const token = tokens.get(header.replace(/^Bearer /, ""));
    const isGood =
      token !== undefined &&
      token.expires > Date.now() &&
      token.scopes.some(
        (scope) =>
          scope.startsWith(`repository:${repository}:`) &&
          (scope.split(":").at(-1) ?? "").split(",").includes(action),
      );
    if (isGood) return true;
    const scope = `repository:${repository}:${action}`;
    const challenge = `Bearer realm="http://${request.headers.host}/token",service="memory",scope="${scope}"`;
    answer(
      401,
      { "www-authenticate": challenge },
      errors("UNAUTHORIZED", "authentication required"),
    );
    return false;
  }

  function route(exchange: Exchange): void {
    const { url, answer } = exchange;
    const [, repository = "", kind, rest = ""] =
      /^\/v2\/(.+)\/(manifests|blobs)\/(.*)$/.exec(url.pathname) ?? [];
    if (url.pathname === "/v2/") answer(200);
    else if (kind === "manifests") serveManifest(exchange, repository, rest);
    else if (kind === "blobs" && rest.startsWith("uploads/")) {
      serveUpload(exchange, repository, rest.slice("uploads/".length));
    } else if (kind === "blobs") {
      const blob = links.has(`${repository}@${rest}`) ? blobs.get(rest) : undefined;
      if (blob === undefined) answer(404, {}, errors("BLOB_UNKNOWN", "blob unknown to registry"));
      else serveBlob(exchange, rest, blob);
    } else answer(404);
  }

  function serveBlob({ request, answer }: Exchange, name: string, blob: Buffer): void {
    const headers = { "docker-content-digest": name };
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const ranges = first === undefined ? "ignored" : (options.ranges ?? "given");
    const from = ranges === "wrong" ? 0 : Number(first ?? 0);
    if (ranges === "ignored") answer(200, headers, blob);
    else if (ranges === "refused" || from >= blob.length)
      answer(416, { "content-range": `bytes */${blob.length}` });
    else {
      const range = `bytes ${from}-${blob.length - 1}/${blob.length}`;
      answer(206, { ...headers, "content-range": range }, blob.subarray(from));
    }
  }

  function serveManifest(
    { request, body, answer }: Exchange,
    repository: string,
    reference: string,
  ): void {
    const key = reference.startsWith("sha256:")
      ? `${repository}@${reference}`
      : `${repository}:${reference}`;
    if (request.method === "PUT") {
      const mediaType = request.headers["content-type"] ?? "";
      const problem = manifestProblem(body, mediaType, repository, reference);
      if (problem !== undefined) {
        answer(400, {}, problem);
        return;
      }
      const stored = { mediaType, bytes: body };
      manifests.set(key, stored);
      manifests.set(`${repository}@${digest(body)}`, stored);
      answer(201, { "docker-content-digest": digest(body) });
      return;
    }
    const found = manifests.get(key);
    if (found === undefined) {
      answer(404, {}, errors("MANIFEST_UNKNOWN", "manifest unknown"));
      return;
    }
    const { mediaType, bytes } = found;
    answer(200, { "content-type": mediaType, "docker-content-digest": digest(bytes) }, bytes);
  }

  function manifestProblem(
    body: Buffer,
    mediaType: string,
    repository: string,
    reference: string,
  ): string | undefined {
    if (reference.startsWith("sha256:") && digest(body) !== reference) {
      return errors("DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    if (isIndex({ mediaType })) {
      const isWhole = parseIndex(body).manifests.every((one) =>
        manifests.has(`${repository}@${one.digest}`),
      );
      return isWhole ? undefined : errors("MANIFEST_BLOB_UNKNOWN", "manifest unknown to registry");
    }
    const { config, layers } = parseManifest(body);
    const isWhole = [config, ...layers].every((one) => links.has(`${repository}@${one.digest}`));
    return isWhole ? undefined : errors("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry");
  }

  function serveUpload(
    { request, url, body, answer }: Exchange,
    repository: string,
    id: string,
  ): void {
    const { method = "" } = request;
    const mounted = url.searchParams.get("mount") ?? "";
    if (method === "POST" && links.has(`${url.searchParams.get("from")}@${mounted}`)) {
      links.add(`${repository}@${mounted}`);
      answer(201, { "docker-content-digest": mounted });
      return;
    }
    const contentRange = request.headers["content-range"];
    const query = url.searchParams;
    const given = uploads.answer({ method, repository, id, query, contentRange, body });
    const words = given.code === undefined ? "" : errors(given.code, given.code.toLowerCase());
    answer(given.status, given.headers, words);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, options.address ?? "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    host: `${address.address}:${address.port}`,
    requests,
    blobs,
    manifests,
    faults,
    revokeTokens: () => tokens.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function cutInBody(fault: Fault | undefined): number | undefined {
  const { answer } = fault ?? {};
  return typeof answer === "object" && "cutInBody" in answer ? answer.cutInBody : undefined;
}

function basic(login: Login | undefined): string {
  const { username, password } = login ?? { username: "", password: "" };
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function errors(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
