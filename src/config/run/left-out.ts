/** What of a service has no place in a release, so that nothing goes unsaid. */
import { runKeys } from "./keys.ts";
import { optionKeys } from "./option-keys.ts";
import { type RunQuestion, wayOf } from "./question.ts";
import { note, problem, type Remark, warning } from "./remark.ts";

/** Keys that are read elsewhere, that Compose has already followed, or that ask for nothing on a server. */
const ofNoConcern: readonly string[] = [
  "image",
  "platform",
  "build",
  "x-transship",
  "profiles",
  "extends",
  "env_file",
  "label_file",
  "develop",
  "attach",
  // A release is of one digest, and shipped before it is run.
  "pull_policy",
];
const known = new Set([
  ...ofNoConcern,
  ...Object.keys(runKeys.shape),
  ...Object.keys(optionKeys.shape),
]);

/** A warning for each key that nobody reads, of all that Compose wrote. */
export function unknownKeys(
  service: Readonly<Record<string, unknown>>,
  question: Pick<RunQuestion, "name">,
): readonly Remark[] {
  return Object.keys(service)
    .filter((key) => !known.has(key) && !key.startsWith("x-"))
    .map((key) => warning(wayOf(question, key), `${key} is left out: a deploy does not know it.`));
}

/** What cannot be as it is written. */
export function keyRemarks(question: RunQuestion): readonly Remark[] {
  return [
    ...namedContainer(question),
    ...unsetVariables(question),
    ...others(question),
    ...otherContainers(question),
    ...filesOfThisMachine(question),
    ...healthRemarks(question),
  ];
}

function namedContainer(question: RunQuestion): readonly Remark[] {
  const { container_name: name, mac_address: address } = question.keys;
  const beside = "two releases live beside each other for a while";
  return [
    ...(name === undefined
      ? []
      : [
          warning(
            wayOf(question, "container_name"),
            `The container_name ${name} is left out: ${beside}, and each has a name of its own.`,
          ),
        ]),
    ...(address === undefined
      ? []
      : [
          problem(
            wayOf(question, "mac_address"),
            `The mac_address ${address} cannot be that of two containers, and ${beside}.`,
          ),
        ]),
  ];
}

/** `environment: [TOKEN]` takes the value of the shell that Compose runs in; written so is what has none there. */
function unsetVariables(question: RunQuestion): readonly Remark[] {
  return Object.entries(question.keys.environment)
    .filter(([, value]) => value === null)
    .map(([name]) =>
      warning(
        wayOf(question, "environment", name),
        `The variable ${name} has no value here, and is left out.`,
      ),
    );
}

/** Other services are left as they are. */
function others(question: RunQuestion): readonly Remark[] {
  const { depends_on: needs, links } = question.keys;
  const needed = Object.entries(needs).map(([service, { condition }]) => {
    const way = wayOf(question, "depends_on", service);
    return condition === "service_completed_successfully"
      ? warning(
          way,
          `${service} is not run before the release: let x-transship.deploy.hooks.before_switch do its work.`,
        )
      : note(way, `${service} is not started for the release: it has to run on the server.`);
  });
  const linked = links.map((link) => {
    const [service = "", alias = service] = link.split(":");
    const way = wayOf(question, "links");
    return alias === service
      ? note(
          way,
          `${service} is reached by its name on the network they share; the link makes nothing more.`,
        )
      : warning(
          way,
          `The link ${link} is left out: let ${service} have the alias ${alias} on the network they share.`,
        );
  });
  return [...needed, ...linked];
}

/** What names another container can only mean one that the server has by that very name. */
function otherContainers(question: RunQuestion): readonly Remark[] {
  const { ipc, pid, volumes_from: volumesFrom } = question.keys;
  const modes = [
    ["ipc", ipc],
    ["pid", pid],
  ] as const;
  return [
    ...modes
      .filter(([, mode]) => mode.startsWith("service:"))
      .map(([key, mode]) =>
        problem(
          wayOf(question, key),
          `${key} ${mode} means the container of another service, which is not deployed with this one.`,
        ),
      ),
    ...volumesFrom
      .filter((from) => !from.startsWith("container:"))
      .map((from) =>
        problem(
          wayOf(question, "volumes_from"),
          `volumes_from ${from} means the container of another service: write its volumes here by their names.`,
        ),
      ),
  ];
}

/** docker reads such a profile where it is called, which is on the server. */
function filesOfThisMachine(question: RunQuestion): readonly Remark[] {
  return question.keys.security_opt.flatMap((option) => {
    const profile = /^seccomp[:=](.+)$/.exec(option)?.[1];
    if (profile === undefined || ["unconfined", "builtin"].includes(profile)) return [];
    const text = `The seccomp profile ${profile} is a file of this machine, and a server does not have it.`;
    return [problem(wayOf(question, "security_opt"), text)];
  });
}

function healthRemarks(question: RunQuestion): readonly Remark[] {
  if (question.keys.healthcheck?.test[0] !== "CMD") return [];
  const text =
    "The healthcheck is run by /bin/sh, which the image must have: docker create takes no words. A HEALTHCHECK of the Dockerfile can do without.";
  return [warning(wayOf(question, "healthcheck", "test"), text)];
}
