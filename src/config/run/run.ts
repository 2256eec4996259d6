/** How a service of compose.yaml is run on a server: what its container is made with, and what cannot be as it is written. */
import { plainRun, type RunArguments } from "../../deploy/run-arguments.ts";
import type { ParsedSource } from "../locate.ts";
import { type Model, readAs } from "../model.ts";
import type { Problem } from "../problem.ts";
import { configsOf, type RunFile, secretsOf } from "./file-references.ts";
import { projectParts, runKeys, type SwarmKeys } from "./keys.ts";
import { keyRemarks, unknownKeys } from "./left-out.ts";
import { mountsOf } from "./mounts.ts";
import { joinedNetworks } from "./networks.ts";
import { optionKeys, wordsOf } from "./option-keys.ts";
import { publishedPorts } from "./ports.ts";
import type { RunQuestion } from "./question.ts";
import type { Remark } from "./remark.ts";
import { serverParts } from "./server-parts.ts";
import { limitKeys, reservedDevices, restartOf, swarmRemarks } from "./swarm.ts";

export interface ServiceRun {
  readonly run: RunArguments;
  readonly secrets: readonly RunFile[];
  readonly configs: readonly RunFile[];
  /** What Compose's `deploy` says, as it stands there. */
  readonly swarm: SwarmKeys;
  /** Its `stop_grace_period`. */
  readonly gracePeriod: string | undefined;
  /** Services that have to run on the server. */
  readonly dependsOn: readonly string[];
  /** Why it cannot be deployed as it stands there. */
  readonly problems: readonly Problem[];
  /** What is left out, or done in another way. */
  readonly warnings: readonly Problem[];
  /** What is good to know. */
  readonly notes: readonly Problem[];
}

export interface RunSurroundings {
  readonly sources: readonly ParsedSource[];
  /** Compose's directory of the project, absolute. */
  readonly directory: string;
  /** The file that is told where Compose's answer is not understood. */
  readonly file: string;
}

/** @throws COMPOSE_INVALID where Compose writes the service in another form than the specification's */
export function serviceRun(name: string, model: Model, surroundings: RunSurroundings): ServiceRun {
  const { file, sources, directory } = surroundings;
  const service = model.services[name] ?? {};
  const keys = readAs(runKeys, service, file);
  const project = readAs(projectParts, model, file);
  const question: RunQuestion = { name, keys, project, sources, directory };
  const words = wordsOf(readAs(optionKeys, { ...service, ...limitKeys(question) }, file));
  const publish = publishedPorts(question);
  const mounts = mountsOf(question);
  const networks = joinedNetworks(question);
  const [secrets, configs] = [secretsOf(question), configsOf(question)];
  const remarks = [
    ...[publish, mounts, networks, secrets, configs].flatMap((reading) => reading.remarks),
    ...keyRemarks(question),
    ...swarmRemarks(question),
    ...unknownKeys(service, question),
  ];
  return {
    run: {
      publish: publish.value,
      environment: setVariables(keys.environment),
      volumes: mounts.value.volumes,
      networks: networks.value,
      restart: restartOf(question) ?? plainRun.restart,
      options: [...words, ...reservedDevices(question), ...mounts.value.options],
      ...(keys.entrypoint === undefined || keys.entrypoint === null
        ? {}
        : { entrypoint: keys.entrypoint }),
      command: keys.command ?? [],
      parts: serverParts(question),
      // They are read when they are wanted.
      files: [],
    },
    secrets: secrets.value,
    configs: configs.value,
    swarm: keys.deploy,
    gracePeriod: keys.stop_grace_period,
    dependsOn: Object.keys(keys.depends_on),
    problems: ofKind("problem", remarks),
    warnings: ofKind("warning", remarks),
    notes: ofKind("note", remarks),
  };
}

function ofKind(wanted: Remark["kind"], remarks: readonly Remark[]): readonly Problem[] {
  return remarks
    .filter(({ kind }) => kind === wanted)
    .map(({ way, at, text }) => ({ way, at, text }));
}

function setVariables(
  environment: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const set = Object.entries(environment).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return Object.fromEntries(set);
}
