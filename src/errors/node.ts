import { entry, exitCodes } from "./entry.ts";
import { placeIn } from "./place.ts";

export const nodeErrors = {
  SSH_HOST_KEY_CHANGED: entry<{ host: string; target: string; reason: string }>({
    title: "The server shows another host key than before",
    exitCode: exitCodes.environment,
    message: ({ host }) =>
      `The host key of ${host} has changed: it is another machine, or somebody stands in between.`,
    hint: ({ host, target }) =>
      `If the machine was renewed, and you know its new key: ssh-keygen -R '${host}', then log in once by hand: ssh ${target}`,
  }),
  SSH_HOST_KEY_UNKNOWN: entry<{ host: string; target: string; reason: string }>({
    title: "The server's host key is not known yet",
    exitCode: exitCodes.environment,
    message: ({ host }) => `The host key of ${host} is not known, and nobody was asked about it.`,
    hint: ({ target }) => `Log in once by hand and compare its fingerprint: ssh ${target}`,
  }),
  SSH_DENIED: entry<{ host: string; target: string; reason: string }>({
    title: "The server takes none of your ssh keys",
    exitCode: exitCodes.environment,
    message: ({ target, reason }) =>
      `${placeIn(target)} lets nobody in with the keys that ssh has: ${reason}`,
    hint: ({ target }) => `Bring a key there: ssh-copy-id ${target}; or load yours: ssh-add`,
  }),
  SSH_PASSPHRASE: entry<{ host: string; target: string; identity: string; add: string }>({
    title: "Your ssh key is locked, and no agent has it open",
    exitCode: exitCodes.environment,
    message: ({ identity }) =>
      `The key ${identity} asks for its passphrase, and nobody was asked (ssh runs without a terminal here).`,
    hint: ({ add }) => `Give it to your agent first: ${add}; then run the same command again`,
  }),
  SSH_UNREACHABLE: entry<{ host: string; target: string; reason: string }>({
    title: "The server does not answer ssh",
    exitCode: exitCodes.environment,
    message: ({ host, reason }) => `${host} does not answer ssh: ${reason}`,
    hint: ({ target }) => `Try it by hand: ssh -v ${target}`,
  }),
  NODE_DOCKER_MISSING: entry<{ endpoint: string; target: string; reason: string }>({
    title: "The server of a node has no docker command",
    exitCode: exitCodes.environment,
    message: ({ target }) =>
      `There is no docker command on ${placeIn(target)} that a login by ssh finds.`,
    hint: ({ target }) =>
      `Install Docker there, on the PATH of a login without a terminal, then: ssh ${target} docker version`,
  }),
  NODE_UNREACHABLE: entry<{ endpoint: string; command: string; reason: string }>({
    title: "The engine of a node does not answer",
    exitCode: exitCodes.environment,
    message: ({ endpoint, reason }) => `The engine at ${endpoint} does not answer: ${reason}`,
    hint: ({ command }) =>
      `Try it by hand: ${command}; to go on without the node: transship setup --remove-node NAME`,
  }),
  NODE_IMAGE_MISSING: entry<{ image: string; node: string; load: string; reason: string }>({
    title: "A node's engine cannot get BuildKit's image",
    exitCode: exitCodes.environment,
    message: ({ node, image, reason }) =>
      `The node ${node} cannot get the image ${image}: ${reason}`,
    hint: ({ load }) => `Bring it there: ${load}`,
  }),
  NODE_UNKNOWN: entry<{ node: string; builder: string; known: readonly string[] }>({
    title: "The builder has no further node of that name",
    exitCode: exitCodes.usage,
    message: ({ node, builder, known }) =>
      `The builder ${builder} has no further node named ${node}; ${known.length === 0 ? "it has none at all" : `it has ${known.join(", ")}`}.`,
    hint: () => "See its nodes: transship setup --json",
  }),
  NODE_PLATFORM_MISSING: entry<{
    platform: string;
    architecture: string;
    builder: string;
    first: string;
    offered: readonly string[];
  }>({
    title: "No node of the builder builds for that platform",
    exitCode: exitCodes.environment,
    message: ({ platform, builder, first, offered }) =>
      `No node of the builder ${builder} builds for ${platform}, so it would fall to the first, ${first}; they build for ${offered.join(", ")}.`,
    hint: ({ architecture }) =>
      `Add a machine of that kind (transship setup --node ssh://USER@SERVER), or an emulator: docker run --privileged --rm tonistiigi/binfmt --install ${architecture}, then: transship setup`,
  }),
};
