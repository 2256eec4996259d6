import assert from "node:assert/strict";
import { test } from "node:test";
import { createContextArgs, endpointArgs, endpointFailure } from "./endpoint.ts";

const tls = { ca: "/c/ca.pem", cert: "/c/cert.pem", key: "/c/key.pem" };

test("an address goes by --host, a context by its name", () => {
  assert.deepEqual(endpointArgs("ssh://server"), ["--host", "ssh://server"]);
  assert.deepEqual(endpointArgs("colima"), ["--context", "colima"]);
  assert.equal(
    endpointArgs("tcp://server:2376", tls).join(" "),
    "--host tcp://server:2376 --tlsverify --tlscacert /c/ca.pem --tlscert /c/cert.pem --tlskey /c/key.pem",
  );
  assert.equal(
    createContextArgs("node", "tcp://server:2376", tls).join(" "),
    "context create node --docker host=tcp://server:2376,ca=/c/ca.pem,cert=/c/cert.pem,key=/c/key.pem",
  );
});

const failures: readonly (readonly [string, string, number, string])[] = [
  ["ssh://server", "bash: line 1: docker: command not found", 127, "NODE_DOCKER_MISSING"],
  ["ssh://server", "ssh: connect to host server port 22: No route to host", 255, "SSH_UNREACHABLE"],
  ["ssh://server", "something new", 255, "SSH_UNREACHABLE"],
  [
    "ssh://server",
    "error during connect: Get …: command [ssh -o ConnectTimeout=30 -T -- server docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=me@server: Permission denied (publickey).\r\n",
    1,
    "SSH_DENIED",
  ],
  ["ssh://server", "Cannot connect to the Docker daemon at unix://…", 1, "NODE_UNREACHABLE"],
  ["tcp://10.0.0.2:2376", "tls: bad certificate", 1, "NODE_UNREACHABLE"],
  ["colima", 'Failed to initialize: context "colima": context not found: …', 1, "CONTEXT_UNKNOWN"],
];

for (const [endpoint, words, exitCode, code] of failures) {
  test(`${endpoint}, ${words.slice(0, 40)}: ${code}`, () => {
    assert.equal(endpointFailure(endpoint, words, exitCode).code, code);
  });
}
