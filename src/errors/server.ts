import { entry, exitCodes } from "./entry.ts";
import { placeIn } from "./place.ts";
import { hostOf } from "./registry.ts";

/** What the engine of a server met at a registry. */
type RegistryFacts = {
  readonly target: string;
  readonly registry: string;
  readonly reason: string;
};

/** Of servers that are reached by ssh. */
export const serverErrors = {
  SSH_LOST: entry<{ target: string; reason: string }>({
    title: "The ssh connection to a server broke off",
    exitCode: exitCodes.environment,
    message: ({ target, reason }) =>
      `The ssh connection to ${placeIn(target)} broke off: ${reason}.`,
    hint: () => "Run the same command again: only what is still missing is sent.",
  }),
  SSH_MISSING: entry<{ path: string }>({
    title: "There is no ssh command",
    exitCode: exitCodes.environment,
    message: () => "There is no ssh command on the PATH of this machine.",
    hint: () =>
      "Install OpenSSH's client (Debian, Ubuntu: apt install openssh-client), then: ssh -V",
  }),
  SSH_NO_SHELL: entry<{ target: string; exitCode: number; reason: string }>({
    title: "A login on the server gives no shell",
    exitCode: exitCodes.environment,
    message: ({ target, reason }) => `The login on ${placeIn(target)} gives no shell: ${reason}.`,
    hint: ({ target }) =>
      `Log in as a user who may run commands; try it by hand: ssh ${target} uname -m`,
  }),
  SERVER_DOCKER_MISSING: entry<{ target: string; reason: string }>({
    title: "A server has no docker command",
    exitCode: exitCodes.environment,
    message: ({ target }) =>
      `There is no docker command on ${placeIn(target)} that a login by ssh finds.`,
    hint: ({ target }) =>
      `Install Docker there (https://docs.docker.com/engine/install/), then: ssh ${target} docker version`,
  }),
  SERVER_DOCKER_DENIED: entry<{ target: string; reason: string }>({
    title: "The engine of a server may not be used by that login",
    exitCode: exitCodes.environment,
    message: ({ target }) =>
      `The engine of ${placeIn(target)} lets neither this login in, nor through sudo without a password.`,
    hint: ({ target }) =>
      `Put it into the docker group, and log in anew: ssh -t ${target} 'sudo usermod -aG docker "$USER"'`,
  }),
  SERVER_ENGINE_DOWN: entry<{ target: string; reason: string }>({
    title: "The engine of a server does not answer",
    exitCode: exitCodes.environment,
    message: ({ target, reason }) => `The engine of ${placeIn(target)} does not answer: ${reason}`,
    hint: ({ target }) => `Start it: ssh -t ${target} sudo systemctl start docker`,
  }),
  SERVER_HELPER_MISSING: entry<{ target: string; platform: string }>({
    title: "There is no helper image for a server's processor",
    exitCode: exitCodes.environment,
    message: ({ target, platform }) =>
      `${placeIn(target)} runs ${platform}, for which there is no helper image.`,
    hint: () => "Servers of amd64, arm64, arm, 386 and riscv64 have one.",
  }),
  SERVER_DISK_FULL: entry<{ target: string; reason: string }>({
    title: "The disk of a server's engine is full",
    exitCode: exitCodes.environment,
    message: ({ target, reason }) =>
      `The disk of the engine of ${placeIn(target)} is full: ${reason}`,
    hint: ({ target }) =>
      `See what uses it, then free some: ssh ${target} docker system df; ssh ${target} docker image prune`,
  }),
  SERVER_REGISTRY_AUTH: entry<RegistryFacts & { readonly login: string }>({
    title: "The engine of a server is not logged in to the registry",
    exitCode: exitCodes.environment,
    message: ({ target, registry, reason }) =>
      `The engine of ${placeIn(target)} is not let in by the registry ${registry}: ${reason}`,
    hint: ({ target, login }) =>
      `It needs a login of its own, this machine's is never sent there: ssh -t ${target} ${login}`,
  }),
  SERVER_REGISTRY_UNREACHABLE: entry<RegistryFacts>({
    title: "The engine of a server does not reach the registry",
    exitCode: exitCodes.environment,
    message: ({ target, registry, reason }) =>
      `The engine of ${placeIn(target)} does not reach the registry ${registry}: ${reason}`,
    hint: ({ target, registry }) =>
      `Name it by an address that leads to it from there too (127.0.0.1 is the server itself); try it by hand: ssh ${target} curl -sSI https://${hostOf(registry)}/v2/`,
  }),
  SERVER_REGISTRY_UNTRUSTED: entry<RegistryFacts>({
    title: "The engine of a server does not trust the registry's certificate",
    exitCode: exitCodes.environment,
    message: ({ target, registry, reason }) =>
      `The engine of ${placeIn(target)} does not trust the certificate of the registry ${registry}: ${reason}`,
    hint: ({ target, registry }) =>
      `Give it the certificate of the registry's authority, as /etc/docker/certs.d/${registry}/ca.crt on ${target}; no restart is needed.`,
  }),
  SERVER_REGISTRY_PLAIN_HTTP: entry<RegistryFacts>({
    title: "The engine of a server wants TLS of a registry that has none",
    exitCode: exitCodes.environment,
    message: ({ target, registry }) =>
      `The engine of ${placeIn(target)} wants TLS of the registry ${registry}, which speaks plain HTTP.`,
    hint: ({ target, registry }) =>
      `If the network between them can be trusted, write {"insecure-registries": ["${registry}"]} into /etc/docker/daemon.json on ${target}, then: ssh -t ${target} sudo systemctl reload docker`,
  }),
  SERVER_INVALID: entry<{ server: string; problem: string }>({
    title: "A server's name that ssh would not take as one",
    exitCode: exitCodes.usage,
    message: ({ server, problem }) => `"${server}" is no server: ${problem}.`,
    hint: () =>
      "Write me@server, a Host of your ~/.ssh/config, or ssh://me@server:2222 where the port is another than 22.",
  }),
};
