/** One question to the service from outside: GET, no redirect followed, the body read a little way. */
import { request } from "node:http";

export type HttpAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly location?: string;
      readonly body: string;
    }
  /** Nothing listens, or the connection was cut. */
  | { readonly kind: "refused"; readonly reason: string }
  /** What answered does not speak HTTP. */
  | { readonly kind: "not-http"; readonly reason: string }
  | { readonly kind: "silent" };

/** How much of a body is kept for people, in characters. */
const bodyLimit = 200;

export async function ask(
  { host, port }: { readonly host: string; readonly port: number },
  path: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)));
  return await new Promise<HttpAnswer>((resolve) => {
    const asked = request(
      { host, port, path, agent: false, signal: AbortSignal.any([signal, deadline]) },
      (response) => {
        let body = "";
        const end = () => {
          const { location } = response.headers;
          const to = location === undefined ? {} : { location };
          resolve({
            kind: "answer",
            status: response.statusCode ?? 0,
            body: body.slice(0, bodyLimit),
            ...to,
          });
          asked.destroy();
        };
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
          if (body.length >= bodyLimit) end();
        });
        response.once("end", end).once("error", end);
      },
    );
    asked.once("error", (error) => resolve(failureOf(error, deadline.aborted)));
    asked.end();
  });
}

function failureOf(error: Error, isLate: boolean): HttpAnswer {
  if (isLate) return { kind: "silent" };
  const code = "code" in error ? String(error.code) : "";
  return code.startsWith("HPE_")
    ? { kind: "not-http", reason: error.message }
    : { kind: "refused", reason: code === "" ? error.message : code };
}
