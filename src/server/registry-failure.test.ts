import assert from "node:assert/strict";
import { test } from "node:test";
import { serverRegistryError } from "./registry-failure.ts";

const about = { target: "me@vps", registry: "10.0.0.5:5000", access: "docker" } as const;

/** Words of real engines, of both image stores, and of proxies and clouds before registries. */
const said: Readonly<Record<string, readonly string[]>> = {
  SERVER_REGISTRY_AUTH: [
    'Error response from daemon: Head "https://10.0.0.5:5000/v2/app/manifests/1": no basic auth credentials',
    "Error response from daemon: pull access denied for 10.0.0.5:5000/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "Error response from daemon: unauthorized: authentication required",
    'Error response from daemon: failed to resolve reference "10.0.0.5:5000/app@sha256:00": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
    'Error response from daemon: failed to resolve reference "10.0.0.5:5000/app:1": unexpected status from HEAD request to https://10.0.0.5:5000/v2/app/manifests/1: 403 Forbidden',
    'Error response from daemon: denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource (or it may not exist)',
  ],
  SERVER_REGISTRY_PLAIN_HTTP: [
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": http: server gave HTTP response to HTTPS client',
    'Error response from daemon: failed to resolve reference "10.0.0.5:5000/app:1": failed to do request: Head "https://10.0.0.5:5000/v2/app/manifests/1": http: server gave HTTP response to HTTPS client',
  ],
  SERVER_REGISTRY_UNTRUSTED: [
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": x509: certificate has expired or is not yet valid',
  ],
  SERVER_REGISTRY_UNREACHABLE: [
    'Error response from daemon: Get "http://10.0.0.5:5000/v2/": dial tcp 10.0.0.5:5000: connect: connection refused',
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": dial tcp: lookup registry.example.org on 127.0.0.53:53: no such host',
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": net/http: TLS handshake timeout',
    'Error response from daemon: Get "https://10.0.0.5:5000/v2/": EOF',
    "Error response from daemon: read tcp 10.0.0.2:5->10.0.0.5:5000: read: connection reset by peer",
  ],
};

for (const [code, lines] of Object.entries(said)) {
  test(`${code} is read from the engine's words`, () => {
    for (const line of lines) {
      const words = `abc: Pulling fs layer\n${line}\n`;
      assert.equal(serverRegistryError(about, words)?.code, code, line);
    }
  });
}

test("what the command says without an answer of the engine is no word of a registry", () => {
  const words = [
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    'error during connect: Post "http://docker/v1.47/images/create": EOF',
    "Error response from daemon: open /var/lib/docker/tmp/GetImageBlob1: permission denied: nothing",
    "Error response from daemon: write /var/lib/docker/tmp/x: no space left on device",
    "Error response from daemon: manifest for 10.0.0.5:5000/app@sha256:00 not found: manifest unknown",
  ];
  for (const one of words) assert.equal(serverRegistryError(about, one), undefined, one);
});

test("the login is that of the user as whom docker is run", () => {
  const words = "Error response from daemon: unauthorized: authentication required";
  const own = serverRegistryError(about, words);
  assert.match(own?.hint ?? "", /ssh -t me@vps docker login 10\.0\.0\.5:5000$/);
  const root = serverRegistryError({ ...about, access: "sudo -n docker" }, words);
  assert.match(root?.hint ?? "", /ssh -t me@vps sudo docker login 10\.0\.0\.5:5000$/);
  const hub = serverRegistryError({ ...about, registry: "docker.io" }, words);
  assert.match(hub?.hint ?? "", /ssh -t me@vps docker login$/);
});
