import { entry, exitCodes } from "./entry.ts";

/** What a build stands on: base images, and what `# syntax=` names. */
export const baseErrors = {
  BASE_IMAGE_UNAVAILABLE: entry<{ image: string; reason: string }>({
    title: "A base image cannot be had",
    exitCode: exitCodes.environment,
    message: ({ image, reason }) => `The base image ${image} cannot be had: ${reason}.`,
    hint: ({ image }) =>
      `Check its name and your network: docker buildx imagetools inspect ${image}; or give it from a layout: --build-context ${image}=oci-layout://DIR`,
  }),
  BASE_PLATFORM_MISSING: entry<{ image: string; platform: string }>({
    title: "A base image does not exist for the platform",
    exitCode: exitCodes.failed,
    message: ({ image, platform }) => `The base image ${image} does not exist for ${platform}.`,
    hint: ({ image }) =>
      `See which it has: docker buildx imagetools inspect ${image}; then choose another base.`,
  }),
  BASE_PLATFORM_WRONG: entry<{ image: string; actual: string; platform: string }>({
    title: "A base image is for another platform than it is used for",
    exitCode: exitCodes.failed,
    message: ({ image, actual, platform }) =>
      `The base image ${image} is for ${actual}, and the build is for ${platform}.`,
    hint: () =>
      "A digest may name one platform alone; take that of the whole image, which this shows first: docker buildx imagetools inspect IMAGE",
  }),
  BASE_IMAGE_MISSING: entry<{ image: string; registry: string }>({
    title: "The registry has no such base image",
    exitCode: exitCodes.failed,
    message: ({ image, registry }) => `There is no base image ${image} at ${registry}.`,
    hint: ({ image }) => `Check its name and tag: docker buildx imagetools inspect ${image}`,
  }),
  BASE_IMAGE_DENIED: entry<{ image: string; registry: string; reason: string }>({
    title: "The registry does not give the base image to this login",
    exitCode: exitCodes.environment,
    message: ({ image, registry, reason }) =>
      `${registry} does not give the base image ${image}: ${reason}.`,
    hint: ({ registry }) =>
      `Log in, or check the name (some registries say so of what is not there): ${loginCommand(registry)}`,
  }),
  BASE_RATE_LIMITED: entry<{ image: string; registry: string }>({
    title: "The registry gives no more images for a while",
    exitCode: exitCodes.environment,
    message: ({ image, registry }) =>
      `${registry} limits how often images are pulled, so the base image ${image} cannot be had now.`,
    hint: ({ registry }) =>
      `Wait a little, or log in for a higher limit: ${loginCommand(registry)}`,
  }),
  BASE_REGISTRY_UNREACHABLE: entry<{ image: string; registry: string; reason: string }>({
    title: "The registry of a base image does not answer the builder",
    exitCode: exitCodes.environment,
    message: ({ image, registry, reason }) =>
      `The builder does not reach ${registry} for the base image ${image}: ${reason}.`,
    hint: ({ image, registry }) =>
      `Check its name, your network and your proxy: curl -sSI https://${registry === "docker.io" ? "registry-1.docker.io" : registry}/v2/; or give the image from a layout: --build-context ${image}=oci-layout://DIR`,
  }),
  BASE_REGISTRY_UNTRUSTED: entry<{ image: string; registry: string; reason: string }>({
    title: "The builder does not trust the registry of a base image",
    exitCode: exitCodes.environment,
    message: ({ image, registry, reason }) =>
      `The builder does not trust ${registry}, which has the base image ${image}: ${reason}.`,
    hint: ({ registry }) =>
      `Tell it of the registry's certificate, or that it has none, in a file buildkitd.toml ([registry."${registry}"] ca = […] or http = true): docker buildx create --name NAME --buildkitd-config buildkitd.toml; then: transship build --builder NAME`,
  }),
  SYNTAX_UNAVAILABLE: entry<{ image: string; reason: string }>({
    title: "What reads the Dockerfile cannot be had",
    exitCode: exitCodes.environment,
    message: ({ image, reason }) =>
      `The image ${image}, which the line "# syntax=" names, cannot be had: ${reason}.`,
    hint: () =>
      "BuildKit reads Dockerfiles without it: take the line out, or overrule it: transship build --build-arg BUILDKIT_SYNTAX=IMAGE",
  }),
};

/** Docker Hub's login takes no host. */
function loginCommand(registry: string): string {
  return registry === "docker.io" ? "docker login" : `docker login ${registry}`;
}
