/** A registry that serves what it is given, right or wrong (distribution-spec, "Pulling"): what an engine pulls from to judge. */
import { once } from "node:events";
import { createServer } from "node:http";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/document.ts";
import type { Envelope } from "./envelope.ts";

export interface Liar {
  /** `127.0.0.1:40123`; every image is a repository of its own. */
  readonly host: string;
  close(): void;
}

/** Serves each of those images as `HOST/N:1`, N being its place among them. */
export async function startLiar(images: readonly Envelope[]): Promise<Liar> {
  const server = createServer((request, response) => {
    const [, number = "", reference = ""] =
      /^\/v2\/(\d+)\/(?:manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
    const image = images[Number(number)];
    if (image === undefined || number === "") {
      response.writeHead(request.url === "/v2/" ? 200 : 404).end();
      return;
    }
    const digest = [...image.blobs.keys()].find(
      (one) => one === (reference === "1" ? image.root.digest : reference),
    );
    const bytes = digest === undefined ? undefined : image.blobs.get(digest);
    if (bytes === undefined) {
      const errors = [{ code: "BLOB_UNKNOWN", message: "unknown blob" }];
      response
        .writeHead(404, { "content-type": "application/json" })
        .end(JSON.stringify({ errors }));
      return;
    }
    const isDocument = request.url?.includes("/manifests/") === true;
    const mediaType = digest === image.root.digest ? image.root.mediaType : mediaTypes.manifest;
    response.writeHead(200, {
      "content-type": isDocument ? mediaType : "application/octet-stream",
      "content-length": bytes.byteLength,
      "docker-content-digest": digest ?? digestOf(bytes),
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { host: `127.0.0.1:${port}`, close: () => server.close() };
}
