/** Servers whose docker is a script that prints what docker prints. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { standInShell, target } from "../../test/process/stand-in.ts";
import { type ErrorCode, isFailure } from "../errors.ts";
import { askFacts, serverAt, serverEngineError } from "./server.ts";

const document =
  '{"ServerVersion":"28.5.2","OSType":"linux","Architecture":"x86_64","DockerRootDir":"/"}';
const denied =
  "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied";
const down =
  "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";

/** What docker does when it is asked about itself. */
const answers = `printf '%s\\nroot /\\n' '${document}'`;
const refuses = (words: string) =>
  `echo '{"ServerVersion":""}'; echo 'root '; echo '${words}' >&2; exit 1`;
const only = (info: string) => `case $1 in info) ${info} ;; esac`;
const sudo = 'test "$1" = -n && shift; test "$1" = docker && shift; AS=root exec docker "$@"';

interface Case {
  readonly docker: string;
  readonly sudo?: string;
  readonly access?: string;
  readonly code?: ErrorCode;
  readonly words?: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  "an engine that answers": { docker: answers, access: "docker" },
  "one that answers after a word of warning": {
    docker: `echo 'WARNING: Error loading config file: permission denied' >&2; ${answers}`,
    access: "docker",
  },
  "one that lets only root in, and sudo does not ask": {
    docker: `test "$AS" = root || { ${refuses(denied)}; }; ${answers}`,
    sudo,
    access: "sudo -n docker",
  },
  "one that lets only root in, and sudo complains of the host's name first": {
    docker: `test "$AS" = root || { ${refuses(denied)}; }; ${answers}`,
    sudo: `echo 'sudo: unable to resolve host vps: Name or service not known' >&2; ${sudo}`,
    access: "sudo -n docker",
  },
  "one that lets only root in, and sudo wants a password": {
    docker: refuses(denied),
    sudo: "echo 'sudo: a password is required' >&2; exit 1",
    code: "SERVER_DOCKER_DENIED",
    words: /permission denied/,
  },
  "one that does not run": {
    docker: refuses(down),
    code: "SERVER_ENGINE_DOWN",
    words: /Is the docker daemon running/,
  },
  "one whose client fails in its own way": {
    docker: "echo 'unknown flag: --format' >&2; exit 125",
    code: "DOCKER_FAILED",
    words: /unknown flag/,
  },
  "no docker": {
    docker: "echo 'sh: 1: docker: not found' >&2; exit 127",
    code: "SERVER_DOCKER_MISSING",
    words: /docker: not found/,
  },
};

for (const [name, { docker, code, words, access, ...one }] of Object.entries(cases)) {
  test(name, async (t) => {
    const programs = { docker: only(docker), sudo: one.sudo ?? "exit 1" };
    const { shell } = await standInShell(t, { programs });
    const asking = askFacts(serverAt(target, shell));
    if (code === undefined) {
      const facts = await asking;
      assert.equal(facts.access, access);
      assert.equal(facts.engine.serverVersion, "28.5.2");
      assert.ok((facts.freeBytes ?? 0) > 0);
      return;
    }
    await assert.rejects(asking, (error) => {
      assert.ok(isFailure(error, code), String(error));
      assert.match(JSON.stringify(error.facts), words ?? /./);
      return true;
    });
  });
}

/** What docker says of a command, and the error. */
const said: Readonly<Record<string, ErrorCode>> = {
  "bash: line 1: docker: command not found": "SERVER_DOCKER_MISSING",
  [denied]: "SERVER_DOCKER_DENIED",
  "sudo: a terminal is required to read the password": "SERVER_DOCKER_DENIED",
  [down]: "SERVER_ENGINE_DOWN",
  "error during connect: Get http://docker/v1.47/info: EOF": "SERVER_ENGINE_DOWN",
  "unexpected EOF": "SERVER_ENGINE_DOWN",
  "failed to copy: failed to send write: EOF": "SERVER_ENGINE_DOWN",
  "failed to commit snapshot extract-1-57Jr sha256:00: Canceled: grpc: the client connection is closing: context canceled":
    "SERVER_ENGINE_DOWN",
  "failed to copy: failed to send write: grpc: the client connection is closing: context canceled":
    "SERVER_ENGINE_DOWN",
  "failed to copy: failed to send write: write /ingest/data: no space left on device: unknown":
    "SERVER_DISK_FULL",
  "failed to register layer: write /usr/lib/x: no space left on device": "SERVER_DISK_FULL",
  "Error response from daemon: manifest unknown": "DOCKER_FAILED",
  "": "DOCKER_FAILED",
};
for (const [words, code] of Object.entries(said)) {
  test(`"${words.slice(0, 60)}": ${code}`, () => {
    const error = serverEngineError("me@server", { exitCode: 1, words });
    assert.ok(isFailure(error, code), String(error));
  });
}
