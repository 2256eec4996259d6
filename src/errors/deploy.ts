import { entry, exitCodes } from "./entry.ts";
import { placeIn } from "./place.ts";

/** Whoever followed a deploy went away; `server` as `--to` takes it. */
type Detached = { signal: string; app: string; target: string; server: string };

function attachHint({ app, server }: Detached): string {
  return `Follow it to its end: transship deploy --attach --app ${app} --to ${server}`;
}

/** Of releases on servers. */
export const deployErrors = {
  APP_INVALID: entry<{ app: string; most: number }>({
    title: "An app's name that no container could have",
    exitCode: exitCodes.usage,
    message: ({ app, most }) =>
      `"${app}" cannot be an app's name: at most ${most} of a-z and 0-9, with single . _ - between them.`,
    hint: () => "Name it yourself: transship deploy --app NAME",
  }),
  RELEASE_INVALID: entry<{ release: string; most: number }>({
    title: "A release's name that no container could have",
    exitCode: exitCodes.usage,
    message: ({ release, most }) =>
      `"${release}" cannot be a release's name: at most ${most} of A-Z, a-z, 0-9 and . _ -, a letter or digit first, and not -candidate, -prober or -hook last.`,
    hint: () =>
      "Leave it out, and it is called by its time and digest; or: transship deploy --release v1.2.3",
  }),
  RELEASE_UNKNOWN: entry<{
    release: string;
    app: string;
    target: string;
    known: readonly string[];
  }>({
    title: "A release that the server does not have",
    exitCode: exitCodes.usage,
    message: ({ release, app, target }) =>
      `${placeIn(target)} has no release ${release} of ${app}.`,
    hint: ({ known, app }) =>
      known.length === 0
        ? `It keeps no other; see: transship releases --to SERVER --app ${app}`
        : `It keeps: ${known.join(", ")}.`,
  }),
  APP_UNKNOWN: entry<{ app: string; target: string }>({
    title: "An app that the server does not know",
    exitCode: exitCodes.usage,
    message: ({ app, target }) => `${placeIn(target)} knows no app ${app}.`,
    hint: ({ app }) => `Deploy it first: transship deploy --to SERVER --app ${app}`,
  }),
  ENVIRONMENT_INVALID: entry<{ name: string; problem: string }>({
    title: "A variable that a container cannot be given",
    exitCode: exitCodes.usage,
    message: ({ name, problem }) =>
      `The variable ${name} cannot be given to a container: ${problem}.`,
    hint: ({ name }) =>
      `Give it as a file instead (a secret of compose.yaml), or encode it, and decode ${name} in the app.`,
  }),
  SECRET_UNREADABLE: entry<{ name: string; problem: string }>({
    title: "A secret or configuration of the container cannot be read",
    exitCode: exitCodes.usage,
    message: ({ name, problem }) => `${name} cannot be read: ${problem}.`,
    hint: ({ name }) => `See where compose.yaml says that ${name} is, under secrets or configs.`,
  }),
  DEPLOY_REFUSED: entry<{ target: string; problems: readonly string[] }>({
    title: "A server cannot take the release as it is",
    exitCode: exitCodes.environment,
    message: ({ target, problems }) =>
      `${placeIn(target)} cannot take the release: ${problems.join(" ")}`,
    hint: ({ target }) => `Nothing was changed there. Look at it: ssh ${target} docker ps`,
  }),
  DEPLOY_LOCKED: entry<{ target: string; app: string; holder: string }>({
    title: "Somebody else is at work on the app",
    exitCode: exitCodes.environment,
    message: ({ target, app, holder }) =>
      `On ${placeIn(target)} somebody is at work on ${app}: ${holder}.`,
    hint: ({ app }) =>
      `Follow what they do: transship deploy --attach --to SERVER --app ${app}; or end it: the same command again with --force-unlock`,
  }),
  DEPLOY_NO_PORT: entry<{ image: string }>({
    title: "Nobody says on which port the app answers",
    exitCode: exitCodes.usage,
    message: ({ image }) =>
      `No port is published, and ${image} exposes none, so its health path cannot be asked.`,
    hint: () =>
      "Say which: transship deploy --publish 80:8080; or that it speaks no HTTP: --no-health",
  }),
  DEPLOY_FOREIGN: entry<{ target: string; image: string; platform: string; machine: string }>({
    title: "The image is made for another machine than the server",
    exitCode: exitCodes.failed,
    message: ({ target, image, platform, machine }) =>
      `${image} is made for ${platform}, and ${placeIn(target)} is ${machine}: it would run under an emulator, if at all.`,
    hint: () =>
      "Nothing was switched. Build it for the server as well: transship build --platform linux/amd64,linux/arm64",
  }),
  DEPLOY_NOT_BUILT: entry<{ service: string; reason: string }>({
    title: "The image to deploy was not built",
    exitCode: exitCodes.failed,
    message: ({ service, reason }) => `The image of ${service} was not built: ${reason}.`,
    hint: ({ service }) => `Build it alone, and read what it says: transship build ${service}`,
  }),
  DEPLOY_TEST_FAILED: entry<{ image: string; checks: readonly string[] }>({
    title: "The image to deploy failed its test on this machine",
    exitCode: exitCodes.failed,
    message: ({ image, checks }) =>
      `${image} was tested here before its deploy, and failed: ${checks.join("; ")}.`,
    hint: ({ image }) =>
      `Nothing was switched. See all of it: transship test ${image}; where it cannot run here alone: transship deploy --no-test`,
  }),
  PROXY_IMAGE_MISSING: entry<{ target: string; image: string; reason: string }>({
    title: "The proxy's image can be had neither there nor here",
    exitCode: exitCodes.environment,
    message: ({ target, image, reason }) =>
      `The proxy's image ${image} is not on ${placeIn(target)}, its engine cannot pull it (${reason}), and this machine does not have it either.`,
    hint: ({ image }) =>
      `Have it here, it is shipped then: docker pull ${image}; another one: --proxy-image NAME; without a proxy, with a gap: --strategy recreate`,
  }),
  PROXY_REFUSED: entry<{ target: string; reason: string }>({
    title: "The proxy of a server cannot be made ready",
    exitCode: exitCodes.tool,
    message: ({ target, reason }) =>
      `The proxy of ${placeIn(target)} cannot be made ready: ${reason}`,
    hint: ({ target }) =>
      `What served there serves on. See what it says: ssh ${target} docker logs --tail 20 transship-proxy`,
  }),
  PROXY_HOST_TAKEN: entry<{ target: string; app: string; problems: readonly string[] }>({
    title: "The proxy could not tell whose a request is",
    exitCode: exitCodes.usage,
    message: ({ target, problems }) =>
      `The proxy of ${placeIn(target)} could not tell whose a request is: ${problems.join(" ")}`,
    hint: () => "Name the hosts that are the app's own: transship deploy --host app.example.org",
  }),
  DEPLOY_INTERRUPTED: entry<Detached>({
    title: "Interrupted from the keyboard while a deploy goes on",
    exitCode: exitCodes.interrupted,
    message: ({ signal, app, target }) =>
      `Interrupted (${signal}). The deploy of ${app} goes on by itself on ${placeIn(target)}.`,
    hint: attachHint,
  }),
  DEPLOY_TERMINATED: entry<Detached>({
    title: "Ended by another process while a deploy goes on",
    exitCode: exitCodes.terminated,
    message: ({ signal, app, target }) =>
      `Ended by ${signal}. The deploy of ${app} goes on by itself on ${placeIn(target)}.`,
    hint: attachHint,
  }),
  CERTIFICATE_INVALID: entry<{ file: string; problem: string }>({
    title: "The certificate cannot be the proxy's",
    exitCode: exitCodes.usage,
    message: ({ file, problem }) => `The certificate ${file} cannot be the proxy's: ${problem}.`,
    hint: ({ file }) =>
      `Name the chain and its key: transship deploy --tls-certificate fullchain.pem --tls-key privkey.pem; what it is: openssl x509 -noout -text -in ${file}`,
  }),
  STRATEGY_UNFIT: entry<{ strategy: string; reason: string }>({
    title: "The app cannot be switched by that strategy",
    exitCode: exitCodes.usage,
    message: ({ strategy, reason }) => `The app cannot be switched by ${strategy}: ${reason}.`,
    hint: () =>
      "Leave --strategy out, and it is the one that can be; recreate stops the old one first: transship deploy --strategy recreate",
  }),
  WATCHDOG_LOST: entry<{ target: string; reason: string }>({
    title: "The program that watches a deploy on the server ended without a verdict",
    exitCode: exitCodes.tool,
    message: ({ target, reason }) =>
      `What watches the deploy on ${placeIn(target)} ended without a verdict: ${reason}.`,
    hint: () =>
      "The next deploy finishes what it began; to do that alone: transship deploy --attach --to SERVER --app APP",
  }),
};
