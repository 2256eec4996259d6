import { entry, exitCodes } from "./entry.ts";

export const registryErrors = {
  REGISTRY_UNREACHABLE: entry<{ registry: string; reason: string }>({
    title: "The registry does not answer",
    exitCode: exitCodes.environment,
    message: ({ registry, reason }) => `The registry ${registry} does not answer: ${reason}.`,
    hint: ({ registry }) =>
      `Check its name and your network: curl -sSI https://${hostOf(registry)}/v2/`,
  }),
  REGISTRY_UNTRUSTED: entry<{ registry: string; reason: string }>({
    title: "The registry's certificate is not trusted",
    exitCode: exitCodes.environment,
    message: ({ registry, reason }) =>
      `The certificate of the registry ${registry} is not trusted: ${reason}.`,
    hint: () =>
      "If a private authority signed it, name that authority's certificate and run the command again: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem",
  }),
  REGISTRY_PLAIN_HTTP: entry<{ registry: string }>({
    title: "The registry speaks plain HTTP",
    exitCode: exitCodes.environment,
    message: ({ registry }) => `The registry ${registry} speaks plain HTTP, and no TLS.`,
    hint: ({ registry }) =>
      `If the network to it can be trusted, say so once, then run the command again: transship setup --registry-http ${registry}`,
  }),
  REGISTRY_AUTH: entry<{ registry: string; reason: string }>({
    title: "The registry wants a login",
    exitCode: exitCodes.environment,
    message: ({ registry, reason }) => `The registry ${registry} wants a login: ${reason}.`,
    hint: ({ registry }) => `Log in, then run the command again: ${loginCommand(registry)}`,
  }),
  REGISTRY_DENIED: entry<{ registry: string; repository: string; reason: string }>({
    title: "The login may not do this at the registry",
    exitCode: exitCodes.environment,
    message: ({ registry, repository, reason }) =>
      `The registry ${registry} does not let this login work on ${repository}: ${reason}.`,
    hint: ({ registry }) =>
      `Ask the registry's owner for the right, or log in as somebody who has it: ${loginCommand(registry)}`,
  }),
  REGISTRY_REJECTED: entry<{
    registry: string;
    request: string;
    status: number;
    code: string;
    reason: string;
  }>({
    title: "The registry refused a request",
    exitCode: exitCodes.tool,
    message: ({ registry, request, status, code, reason }) =>
      `The registry ${registry} refused ${request} with ${code === "" ? `HTTP ${status}` : code}: ${reason}.`,
    hint: ({ registry, status }) => refusalHint(registry, status),
  }),
  REGISTRY_CONTENT_WRONG: entry<{ registry: string; digest: string; problem: string }>({
    title: "The registry sends something else than what was asked for by its digest",
    exitCode: exitCodes.failed,
    message: ({ registry, digest, problem }) =>
      `What ${registry} sends for ${digest} is not that: ${problem}.`,
    hint: ({ registry }) =>
      `If ${registry} is a mirror (docker info names them), take it out or repair it; else push the image again.`,
  }),
  REGISTRY_DIFFERS: entry<{ reference: string; expected: string; actual: string }>({
    title: "The registry holds another image than the one that was pushed",
    exitCode: exitCodes.failed,
    message: ({ reference, expected, actual }) =>
      `${reference} is ${actual} at the registry, not ${expected} that was pushed.`,
    hint: ({ reference }) =>
      `Somebody else may have pushed at the same moment; see what is there: docker buildx imagetools inspect ${reference}`,
  }),
};

export function hostOf(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

/** Docker Hub's login takes no host. */
export function loginCommand(registry: string): string {
  return registry === "docker.io" ? "docker login" : `docker login ${registry}`;
}

function refusalHint(registry: string, status: number): string {
  switch (status) {
    case 404:
      return "Some registries want a repository to be made before the first push; check the name, or create it there.";
    case 413:
      return `Something before ${registry} limits the size of a request; raise it (nginx: client_max_body_size 0), then run the command again.`;
    case 429:
      return `Wait a little, or log in for a higher limit: ${loginCommand(registry)}`;
    default:
      return `Run the command again with --verbose to see the exchange; the registry's log says more.`;
  }
}
