/**
 * What a server keeps of a release for its watchdog: how its container is made and judged, as POSIX sh. It is not made again from
 * today's configuration: whoever goes back to a release goes back to this.
 */
import { quote, shellLine } from "../process/command.ts";
import type { EnvironmentText } from "./environment.ts";
import { networkOf, proxyName } from "./names.ts";
import { createOptions, publishedOptions } from "./create.ts";
import type { Release } from "./release.ts";

/** The file `settings`; `environment` is beside it in the file of that name. */
export function settingsText(release: Release, environment: EnvironmentText): string {
  const { gate, beforeSwitch, run } = release;
  const values = {
    app: release.app,
    image: release.imageId,
    digest: release.digest,
    network: networkOf(release.app),
    strategy: release.strategy,
    proxy: proxyName,
    drain_seconds: release.drainSeconds,
    restart: run.restart,
    port: gate.health?.port ?? "",
    health_path: gate.health?.path ?? "",
    health_host: gate.health?.host ?? "",
    health_seconds: gate.health?.seconds ?? 10,
    has_healthcheck: gate.healthcheck === undefined ? "" : "yes",
    good_answers: gate.goodAnswers,
    start_seconds: gate.startSeconds,
    bake_seconds: release.bakeSeconds,
    is_single_writer: release.isSingleWriter ? "yes" : "",
    has_hook: beforeSwitch === undefined ? "" : "yes",
  };
  return [
    ...Object.entries(values).map(([name, value]) => `${name}=${quote(String(value))}`),
    createFunction("create_candidate", release, environment, []),
    createFunction("create_release", release, environment, publishedOptions(release)),
    partsFunction(release),
    healthcheckFunction(release),
    hookFunction(release, environment),
    "",
  ].join("\n");
}

/** `name CONTAINER WORDS…`; the words behind the image are the command. */
function createFunction(
  name: string,
  release: Release,
  { exports, words }: EnvironmentText,
  more: readonly string[],
): string {
  const { run, imageId } = release;
  const files = run.files.map(({ name: file, target }) => fileMount(file, target)).join("");
  const options = shellLine([
    "--network",
    networkOf(release.app),
    ...createOptions(release),
    ...words,
    ...more,
  ]);
  const [first, ...rest] = run.entrypoint ?? [];
  const entrypoint = first === undefined ? "" : ` --entrypoint ${quote(first)}`;
  const command = [...rest, ...run.command].map((word) => ` ${quote(word)}`).join("");
  return [
    `${name}() {`,
    "  made=$1; shift",
    ...exports,
    `  $docker create --pull never --name "$made" --env-file "$release_place/environment" "$@" ${options}${files}${entrypoint} ${quote(imageId)}${command} || return`,
    ...run.networks.map(({ name: network, aliases }) => {
      const flags = more.length === 0 ? [] : aliases.flatMap((alias) => ["--alias", alias]);
      return `  $docker network connect ${shellLine([...flags, network])} "$made" || return`;
    }),
    "}",
  ].join("\n");
}

/**
 * Mounted, and not copied: no layer of the container has it, `docker inspect` names a path, and a read-only container takes it.
 * Docker reads the word as a line of CSV (RFC 4180), in which a path may have commas and quotes.
 */
function fileMount(name: string, target: string): string {
  const field = `"dst=${target.replaceAll('"', '""')}"`;
  return ` --mount type=bind,readonly,${quote(field)},"\\"src=$release_place/file-${name}\\""`;
}

/** Whatever of the server's it needs: made where it is missing, or $reason where somebody else has to make it. */
function partsFunction({ run: { parts } }: Release): string {
  const lines = parts.map(({ kind, name, isExternal, options }) => {
    const isThere = `$docker ${kind} inspect ${quote(name)} >/dev/null 2>&1`;
    const reason = quote(`the server has no ${kind} ${name}`);
    const make = isExternal
      ? `{ reason=${reason}; return 1; }`
      : `try ${shellLine([kind, "create", ...options, name])} || return`;
    return `  ${isThere} || ${make}`;
  });
  return ["ensure_parts() {", ...lines, "  :", "}"].join("\n");
}

function healthcheckFunction({ gate: { healthcheck } }: Release): string {
  if (healthcheck === undefined) return "healthcheck() { :; }";
  const { command, seconds } = healthcheck;
  const argv = command.argv ?? ["/bin/sh", "-c", command.shell ?? ""];
  // `$docker` has a deadline of its own, whose timer and whose docker would outlive this one's.
  return `healthcheck() {\n  within ${seconds} $unhurried exec "$1" ${argv.map(quote).join(" ")}\n}`;
}

/** In a container of its own, with all that the release has but its ports. */
function hookFunction(release: Release, environment: EnvironmentText): string {
  const { beforeSwitch } = release;
  if (beforeSwitch === undefined) return "run_hook() { :; }";
  const [entrypoint = "", ...command] = beforeSwitch.command;
  const run = { ...release.run, entrypoint: [entrypoint], command };
  return [
    createFunction("create_hook", { ...release, run }, environment, []),
    "run_hook() {",
    '  $docker rm --force "$1" >/dev/null 2>&1',
    // Apart: what is exported for docker is nothing for the watchdog.
    '  (create_hook "$1" --restart no) >/dev/null || return',
    `  within ${beforeSwitch.seconds} $unhurried start --attach "$1"`,
    "}",
  ].join("\n");
}
