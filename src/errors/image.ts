import { entry, exitCodes } from "./entry.ts";

export const imageErrors = {
  IMAGE_MISSING: entry<{ image: string; where: string }>({
    title: "The image does not exist",
    exitCode: exitCodes.failed,
    message: ({ image, where }) => `There is no image ${image} in ${where}.`,
    hint: ({ where }) =>
      /^the (?:archive|layout)/.test(where)
        ? "Name one that is there behind the path, or its place: …:NAME or …:@0"
        : "See what is there: docker image ls",
  }),
  IMAGE_UNNAMED: entry<{ where: string; present: readonly string[] }>({
    title: "There are several images, and none was named",
    exitCode: exitCodes.usage,
    message: ({ where, present }) => `There are several images in ${where}: ${present.join(", ")}.`,
    hint: () => "Name one of them behind the path, or its place: …:NAME or …:@0",
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
  ARCHIVE_UNREADABLE: entry<{ archive: string; problem: string }>({
    title: "The file is no archive of an image",
    exitCode: exitCodes.failed,
    message: ({ archive, problem }) => `The archive ${archive} cannot be read: ${problem}.`,
    hint: () =>
      "Write it anew: docker image save --output FILE IMAGE; or see what it is: file FILE",
  }),
  ARCHIVE_BLOB_MISSING: entry<{ archive: string; entry: string }>({
    title: "An archive lacks a part of its image",
    exitCode: exitCodes.failed,
    message: ({ archive, entry: name }) => `The archive ${archive} lacks ${name}.`,
    hint: ({ archive }) =>
      `See what it has: tar -tvf ${archive}; then write it anew: docker image save --output FILE IMAGE`,
  }),
  ARCHIVE_DAMAGED: entry<{ archive: string; entry: string; problem: string }>({
    title: "A part of an archive is not what its image says",
    exitCode: exitCodes.failed,
    message: ({ archive, entry: name, problem }) =>
      `${name} in the archive ${archive} is damaged: ${problem}.`,
    hint: () => "Copy the archive again, or write it anew: docker image save --output FILE IMAGE",
  }),
  TEMPORARY_FULL: entry<{ directory: string; needed: string; free: string }>({
    title: "There is no space for what must be unpacked or saved",
    exitCode: exitCodes.environment,
    message: ({ directory, needed, free }) =>
      `${directory} has ${free} of free space, and ${needed} are needed.`,
    hint: () => "Free some, or name a directory with more: export TMPDIR=/path/with/space",
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
      "Write NAME[:TAG], docker-daemon:NAME[:TAG], docker://REGISTRY/NAME[:TAG], oci:DIRECTORY[:NAME], oci-archive:FILE[:NAME] or docker-archive:FILE[:NAME].",
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
