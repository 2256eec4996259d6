import assert from "node:assert/strict";
import { test } from "node:test";
import { plainRun } from "../../deploy/run-arguments.ts";
import { parseSource } from "../locate.ts";
import { parseModel } from "../model.ts";
import { type ServiceRun, serviceRun } from "./run.ts";

/** Of what Compose writes of a service: its keys, and parts of the project beside it. */
function runOf(service: string, project = ""): ServiceRun {
  const text = `name: shop\nservices:\n  web: ${service}\n${project}`;
  const sources = [parseSource({ name: "compose.yaml", text })];
  const surroundings = { sources, directory: "/home/me/shop", file: "compose.yaml" };
  return serviceRun("web", parseModel(text, "compose.yaml"), surroundings);
}

test("a service that says nothing is run as an image that nobody says more of", () => {
  const { run, problems, warnings, notes } = runOf("{image: app}");
  assert.deepEqual(run, plainRun);
  assert.deepEqual([problems, warnings, notes], [[], [], []]);
});

/** What Compose writes, and the words of `docker create`. */
const options: Readonly<Record<string, string>> = {
  'user: "1000:1000"': "--user 1000:1000",
  'group_add: [mail, "1"]': "--group-add mail --group-add 1",
  "working_dir: /srv": "--workdir /srv",
  "hostname: web1": "--hostname web1",
  "init: true": "--init",
  "init: false": "--init=false",
  "read_only: true": "--read-only",
  "read_only: false": "",
  "privileged: true": "--privileged",
  'tmpfs: [/run, "/tmp:size=64m"]': "--tmpfs /run --tmpfs /tmp:size=64m",
  "stop_signal: SIGQUIT": "--stop-signal SIGQUIT",
  "stop_grace_period: 1m20s": "--stop-timeout 80",
  "stop_grace_period: 1.5s": "--stop-timeout 2",
  "{cap_drop: [ALL], cap_add: [NET_ADMIN]}": "--cap-add NET_ADMIN --cap-drop ALL",
  'mem_limit: "52428800"': "--memory 52428800",
  "{cpus: 0.5, pids_limit: -1}": "--cpus 0.5 --pids-limit -1",
  // The same as the keys of the service, and said once.
  '{cpus: 0.5, deploy: {resources: {limits: {cpus: 0.5, memory: "52428800", pids: 10}}}}':
    "--memory 52428800 --cpus 0.5 --pids-limit 10",
  "ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}}":
    "--ulimit nproc=65535 --ulimit nofile=20000:40000",
  'sysctls: {net.core.somaxconn: "1024"}': "--sysctl net.core.somaxconn=1024",
  "security_opt: [no-new-privileges:true]": "--security-opt no-new-privileges:true",
  // Older clients know the colon alone, also before an address of IPv6.
  'extra_hosts: ["a=1.2.3.4", "v6=::1"]': "--add-host a:1.2.3.4 --add-host v6:::1",
  "{dns: [8.8.8.8], dns_search: [a.example], dns_opt: [use-vc]}":
    "--dns 8.8.8.8 --dns-search a.example --dns-option use-vc",
  "devices: [{source: /dev/a, target: /dev/b, permissions: rw}]": "--device /dev/a:/dev/b:rw",
  // As Compose 2.26 writes it.
  'devices: ["/dev/a:/dev/b:rw"]': "--device /dev/a:/dev/b:rw",
  "devices: [{source: vendor.com/class=dev, target: vendor.com/class=dev, permissions: rwm}]":
    "--device vendor.com/class=dev",
  "gpus: [{count: -1}]": "--gpus count=all",
  'gpus: [{driver: nvidia, device_ids: ["0", "3"], capabilities: [gpu, utility]}]':
    '--gpus "device=0,3",driver=nvidia,capabilities=utility',
  "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1}]}}}":
    "--gpus count=1",
  'blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: "12582912"}]}':
    "--blkio-weight 300 --device-read-bps /dev/sda:12582912",
  "labels: {com.example: v, empty: ''}": "--label com.example=v --label empty=",
  'logging: {driver: json-file, options: {max-file: "3"}}':
    "--log-driver json-file --log-opt max-file=3",
  "volumes_from: [container:data:ro]": "--volumes-from data:ro",
  "healthcheck: {test: [CMD-SHELL, curl -f x], interval: 1m30s, retries: 3}":
    "--health-cmd curl -f x --health-interval 1m30s --health-retries 3",
  "healthcheck: {start_interval: 5s}": "--health-start-interval 5s",
  "healthcheck: {test: [NONE]}": "--no-healthcheck",
  "healthcheck: {disable: true}": "--no-healthcheck",
};
for (const [keys, words] of Object.entries(options)) {
  test(`${keys} is ${words === "" ? "no option" : words}`, () => {
    const service = keys.startsWith("{") ? keys : `{${keys}}`;
    const { run, problems, warnings } = runOf(service);
    assert.equal(run.options.join(" "), words);
    assert.deepEqual([problems, warnings], [[], []]);
  });
}

const restarts: Readonly<Record<string, string>> = {
  'restart: "no"': "no",
  "restart: on-failure:3": "on-failure:3",
  "deploy: {restart_policy: {condition: any}}": "always",
  "deploy: {restart_policy: {condition: none}}": "no",
  "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}": "on-failure:3",
  "{restart: always, deploy: {restart_policy: {condition: none}}}": "always",
};
for (const [keys, policy] of Object.entries(restarts)) {
  test(`${keys} is --restart ${policy}`, () => {
    assert.equal(runOf(keys.startsWith("{") ? keys : `{${keys}}`).run.restart, policy);
  });
}

test("a health check in words becomes a text of the shell, and that is said", () => {
  const { run, warnings } = runOf('{healthcheck: {test: [CMD, a, "b c"]}}');
  assert.deepEqual(run.options, ["--health-cmd", "a 'b c'"]);
  assert.match(warnings[0]?.text ?? "", /\/bin\/sh, which the image must have/);
});

test("entrypoint and command stay words; one that is emptied takes the place of the image's", () => {
  const { run } = runOf('{entrypoint: [sh, -c], command: ["a b", $HOME]}');
  assert.deepEqual(
    [run.entrypoint, run.command],
    [
      ["sh", "-c"],
      ["a b", "$HOME"],
    ],
  );
  assert.deepEqual(runOf("{entrypoint: []}").run.entrypoint, []);
  assert.equal(runOf("{entrypoint: null}").run.entrypoint, undefined);
});

test("a variable without a value is left out, and said", () => {
  const { run, warnings } = runOf('{environment: {A: "1", EMPTY: "", TOKEN: null}}');
  assert.deepEqual(run.environment, { A: "1", EMPTY: "" });
  assert.deepEqual(warnings[0]?.way, ["services", "web", "environment", "TOKEN"]);
});

test("ports are the server's, and one that it would choose itself is left out", () => {
  const { run, problems, warnings } = runOf(`
    ports:
      - {mode: ingress, target: 80, published: "8080", protocol: tcp}
      - {mode: host, host_ip: "::1", target: 53, published: "53", protocol: udp}
      - {mode: ingress, target: 3000, protocol: tcp}`);
  assert.deepEqual(run.publish, [
    { host: 8080, container: 80, protocol: "tcp" },
    { address: "::1", host: 53, container: 53, protocol: "udp" },
  ]);
  assert.equal(problems.length, 0);
  assert.match(warnings[0]?.text ?? "", /^The port 3000\/tcp is not published/);
});

test("networks have the names of the server, and the service its own name there", () => {
  const { run } = runOf(
    "{networks: {default: null, back: {aliases: [api, web]}, old: {}}}",
    `networks:
  default: {name: shop_default}
  back: {name: shop_back, internal: true, ipam: {config: [{subnet: 10.9.0.0/24}]}}
  old: {name: legacy, external: true}
`,
  );
  assert.deepEqual(run.networks, [
    { name: "shop_default", aliases: ["web"] },
    { name: "shop_back", aliases: ["web", "api"] },
    { name: "legacy", aliases: ["web"] },
  ]);
  assert.deepEqual(
    run.parts.map(({ name, isExternal, options: words }) => [name, isExternal, words.join(" ")]),
    [
      [
        "shop_default",
        false,
        "--label com.docker.compose.project=shop --label com.docker.compose.network=default",
      ],
      [
        "shop_back",
        false,
        "--label com.docker.compose.project=shop --label com.docker.compose.network=back --internal --subnet 10.9.0.0/24",
      ],
      ["legacy", true, ""],
    ],
  );
});

test("secrets and configs have their places in the container, and are not read", () => {
  const { secrets, configs, problems } = runOf(
    `
    secrets:
      - {source: token}
      - {source: key, target: /etc/key, uid: "103", gid: "104", mode: "0440"}
      - {source: key, target: other, mode: 288}
    configs: [{source: site}, {source: site, target: /etc/site, mode: "0444"}]`,
    `secrets:
  token: {name: shop_token, environment: TOKEN}
  key: {name: shop_key, file: /home/me/shop/key.pem}
configs: {site: {name: shop_site, content: a $b}}
`,
  );
  const key = { name: "key", source: { file: "/home/me/shop/key.pem" } };
  const site = { name: "site", source: { content: "a $b" } };
  assert.deepEqual(secrets, [
    { name: "token", target: "/run/secrets/token", source: { variable: "TOKEN" } },
    { ...key, target: "/etc/key", uid: "103", gid: "104", mode: 0o440 },
    { ...key, target: "/run/secrets/other", mode: 0o440 },
  ]);
  assert.deepEqual(configs, [
    { ...site, target: "/site" },
    { ...site, target: "/etc/site", mode: 0o444 },
  ]);
  assert.deepEqual(problems, []);
});
