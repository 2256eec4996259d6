import { entry, exitCodes } from "./entry.ts";

export const imageErrors = {
  IMAGE_MISSING: entry<{ image: string; where: string }>({
    title: "The image does not exist",
    exitCode: exitCodes.failed,
    message: ({ image, where }) => `There is no image ${image} in ${where}.`,
    hint: () => "See what is there: docker image ls",
  }),
  IMAGE_UNREADABLE: entry<{ image: string; problem: string }>({
    title: "The image's documents cannot be read",
    exitCode: exitCodes.failed,
    message: ({ image, problem }) => `The image ${image} cannot be read: ${problem}.`,
    hint: () => "Build it again: transship build; or pull it again: docker pull IMAGE",
  }),
  IMAGE_PLATFORM_MISSING: entry<{ image: string; platform: string; present: readonly string[] }>({
    title: "The image has no such platform",
    exitCode: exitCodes.failed,
    message: ({ image, platform, present }) =>
      `${image} is not built for ${platform}; it has ${present.join(", ") || "no platform that is known"}.`,
    hint: ({ platform }) =>
      `Build it for that platform as well: transship build --platform ${platform}`,
  }),
  LAYER_DAMAGED: entry<{ digest: string; problem: string }>({
    title: "A layer cannot be unpacked",
    exitCode: exitCodes.failed,
    message: ({ digest, problem }) => `The layer ${digest} cannot be unpacked: ${problem}.`,
    hint: () => "Build the image again without its cache: transship build --no-cache",
  }),
  SUBJECT_INVALID: entry<{ subject: string; problem: string }>({
    title: "An image that is named in a way that cannot be read",
    exitCode: exitCodes.usage,
    message: ({ subject, problem }) => `"${subject}" names no image: ${problem}.`,
    hint: () =>
      "Write NAME[:TAG], docker-daemon:NAME[:TAG], docker://REGISTRY/NAME[:TAG] or oci:DIRECTORY[:NAME].",
  }),
  WAIVERS_INVALID: entry<{ path: string; problem: string }>({
    title: "The list of waivers cannot be read",
    exitCode: exitCodes.usage,
    message: ({ path, problem }) => `The waivers in ${path} cannot be read: ${problem}.`,
    hint: () =>
      'Each has a rule, a reason, an end and, where it is about files, a path: {rule: file-machine, path: "/opt/tools/**", reason: "…", until: 2027-01-31}',
  }),
  PROGRAM_MISSING: entry<{ image: string; path: string; problem: string }>({
    title: "The program to explain is not in the image",
    exitCode: exitCodes.usage,
    message: ({ image, path, problem }) =>
      `${image} has no program ${path} to explain: ${problem}.`,
    hint: () =>
      "Name a program by its path in the image, or by its name on PATH: --explain /usr/bin/app",
  }),
};
