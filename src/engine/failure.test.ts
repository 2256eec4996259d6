import assert from "node:assert/strict";
import { test } from "node:test";
import { engineFailure } from "./failure.ts";

const said: Readonly<Record<string, readonly string[]>> = {
  ENGINE_UNREACHABLE: [
    "Cannot connect to the Docker daemon at unix:///tmp/none.sock. Is the docker daemon running?",
    'error during connect: Get "http://x/v1.48/info": command [ssh -- x docker system dial-stdio] has exited',
    "failed to connect to the docker API at unix:///tmp/none.sock; check if the path is correct",
    'ERROR: Get "http://%2Fvar%2Frun%2Fdocker.sock": dial unix /var/run/docker.sock: connect: no such file or directory',
  ],
  ENGINE_PERMISSION_DENIED: [
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get …",
    "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
  ],
  BUILDX_MISSING: [
    "docker: 'buildx' is not a docker command.\nSee 'docker --help'",
    "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information",
  ],
  CONTEXT_UNKNOWN: [
    'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /home/me/.docker/contexts/meta/ca/meta.json: no such file or directory',
  ],
  DISK_FULL: ["write /var/lib/docker/tmp/x: no space left on device"],
};

for (const [code, messages] of Object.entries(said)) {
  for (const stderr of messages) {
    test(`${code}: ${stderr.slice(0, 60)}`, () => {
      assert.equal(engineFailure({ stderr, exitCode: 1 })?.code, code);
    });
  }
}

test("the host that did not answer is named", () => {
  const failure = engineFailure({
    stderr:
      "Cannot connect to the Docker daemon at unix:///tmp/none.sock. Is the docker daemon running?",
    exitCode: 1,
  });
  assert.equal(failure?.message, "No engine answers at unix:///tmp/none.sock.");
});

test("a registry that cannot be reached is not the engine", () => {
  const stderr =
    'ERROR: failed to do request: Head "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host';
  assert.equal(engineFailure({ stderr, exitCode: 1 }), undefined);
});

test("a command's own failure is left to the command", () => {
  assert.equal(engineFailure({ stderr: "Error: No such image: x", exitCode: 1 }), undefined);
});

test("an engine over ssh is not named by the client's placeholder", () => {
  const stderr =
    'error during connect: Get "http://docker.example.com/v1.51/info": command [ssh -- me@nowhere docker system dial-stdio] has exited with exit status 255';
  assert.equal(engineFailure({ stderr, exitCode: 1 })?.facts["host"], "the other end of ssh");
});
