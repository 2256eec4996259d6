import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSource } from "../locate.ts";
import { parseModel } from "../model.ts";
import { placedText } from "../project.ts";
import { serviceRun } from "./run.ts";

/** What is said of a service with that key, each with its place. */
function remarksOf(keys: string, project = "") {
  const text = `name: shop\nservices:\n  web: {image: app, ${keys}}\n${project}`;
  const sources = [parseSource({ name: "compose.yaml", text })];
  const surroundings = { sources, directory: "/home/me/shop", file: "compose.yaml" };
  const said = serviceRun("web", parseModel(text, "compose.yaml"), surroundings);
  return Object.fromEntries(
    (["problems", "warnings", "notes"] as const).map((kind) => [
      kind,
      said[kind].map((one) => placedText(one, sources)),
    ]),
  );
}

type Kind = "problems" | "warnings" | "notes";
const said: readonly (readonly [string, Kind, RegExp])[] = [
  ["network_mode: host", "problems", /^compose\.yaml:3:35: The network_mode host leaves no room/],
  ["network_mode: service:db", "problems", /no room/],
  ["deploy: {replicas: 2}", "problems", /^compose\.yaml:3:40: .*on each server, not 2/],
  ["scale: 3", "problems", /^compose\.yaml:3:28: .*not 3/],
  ["deploy: {replicas: 0}", "problems", /runs nowhere/],
  ["deploy: {mode: replicated-job}", "problems", /is no release/],
  [
    "deploy: {resources: {reservations: {devices: [{capabilities: [tpu]}]}}}",
    "problems",
    /knows gpu alone/,
  ],
  ["ports: [{target: 9, published: 9-11}]", "problems", /9-11:9\/tcp is one of several/],
  ["ports: [{target: 9, published: 9, protocol: sctp}]", "problems", /neither tcp nor udp/],
  [
    "networks: {default: {ipv4_address: 10.0.0.2}}",
    "problems",
    /cannot both have the ipv4_address/,
  ],
  ["mac_address: 02:42:ac:11:65:42", "problems", /cannot be that of two containers/],
  ["secrets: [{source: token}]", "problems", /^compose\.yaml:3:30: token of secrets comes from/],
  ["ipc: service:db", "problems", /the container of another service/],
  ["volumes_from: [db:ro]", "problems", /by their names/],
  ["security_opt: [seccomp:./profile.json]", "problems", /a file of this machine/],
  ["volumes: [{type: image, source: nginx, target: /n}]", "problems", /of the type image/],
  [
    "container_name: shop1",
    "warnings",
    /^compose\.yaml:3:21: The container_name shop1 is left out/,
  ],
  ["networks: {default: {priority: 100}}", "warnings", /priority of the network default/],
  ["deploy: {placement: {constraints: [a]}}", "warnings", /:30: deploy\.placement is left out/],
  ["deploy: {update_config: {delay: 10s}}", "warnings", /deploy\.update_config\.delay is left out/],
  [
    "deploy: {resources: {reservations: {cpus: 0.2}}}",
    "warnings",
    /deploy\.resources\.reservations\.cpus is left out/,
  ],
  [
    "pre_stop: [{command: [a]}]",
    "warnings",
    /:21: pre_stop is left out: a deploy does not know it/,
  ],
  ["links: [db:sql]", "warnings", /let db have the alias sql/],
  [
    "depends_on: {migrate: {condition: service_completed_successfully}}",
    "warnings",
    /before_switch do its work/,
  ],
  ["volumes: [{type: volume, target: /cache}]", "warnings", /a new and empty one in every release/],
  ["depends_on: {db: {condition: service_healthy}}", "notes", /db is not started for the release/],
  ["links: [db]", "notes", /db is reached by its name/],
];
for (const [keys, kind, words] of said) {
  test(`${keys} is among the ${kind}`, () => {
    const { [kind]: told = [], ...others } = remarksOf(keys);
    assert.deepEqual(Object.values(others).flat(), [], "nothing else is said");
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", words);
  });
}

const silent: readonly string[] = [
  "pull_policy: always",
  "profiles: [a]",
  "develop: {watch: []}",
  "x-other: 1",
  "scale: 1",
  "deploy: {mode: global, replicas: 1}",
  "deploy: {update_config: {parallelism: 2, order: start-first}}",
  "security_opt: [seccomp:unconfined]",
];
for (const keys of silent) {
  test(`of ${keys} nothing is said`, () => {
    assert.deepEqual(Object.values(remarksOf(keys)).flat(), []);
  });
}
