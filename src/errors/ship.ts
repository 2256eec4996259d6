import { entry, exitCodes } from "./entry.ts";
import { placeIn } from "./place.ts";

export const shipErrors = {
  SHIP_NAME_MISSING: entry<{ image: string }>({
    title: "The image has no name that a server could know it by",
    exitCode: exitCodes.usage,
    message: ({ image }) => `${image} names no image, so a server would not know what to call it.`,
    hint: () => "Give it a name there: transship ship --name NAME[:TAG] IMAGE SERVER",
  }),
  SHIP_PLATFORM_WRONG: entry<{
    image: string;
    target: string;
    present: readonly string[];
    needed: string;
    prediction: string;
  }>({
    title: "The image would not run on the server's architecture",
    exitCode: exitCodes.failed,
    message: ({ image, target, present, needed, prediction }) =>
      `${image} is for ${present.join(" and ")}, and ${placeIn(target)} is ${needed}: it would end with "${prediction}".`,
    hint: ({ needed }) => `Build it for that server: transship build --platform ${needed}`,
  }),
  SHIP_REFUTED: entry<{ image: string; platform: string; target: string; prediction: string }>({
    title: "The image would not start on the server",
    exitCode: exitCodes.failed,
    message: ({ image, platform, target, prediction }) =>
      `${image} (${platform}) would not start on ${placeIn(target)}: ${prediction}`,
    hint: ({ image }) =>
      `See why: transship verify ${image}; to send it all the same: transship ship --ship-anyway`,
  }),
  SHIP_UNPROVEN: entry<{ image: string; platform: string; reason: string }>({
    title: "What could not be decided of the image stands against --strict",
    exitCode: exitCodes.unproven,
    message: ({ image, platform, reason }) => `${image} (${platform}) is unproven: ${reason}`,
    hint: ({ image }) => `See all of it: transship verify ${image}; or go without --strict`,
  }),
  SHIP_PREFLIGHT: entry<{ target: string; problems: readonly string[] }>({
    title: "The server cannot take the image",
    exitCode: exitCodes.environment,
    message: ({ target, problems }) => `${placeIn(target)} cannot take it: ${problems.join(" ")}`,
    hint: ({ target }) => `Look at it, and free what it lacks: ssh ${target} docker system df`,
  }),
  SHIP_DIFFERS: entry<{ target: string; image: string; expected: string; actual: string }>({
    title: "The server holds another image than was sent",
    exitCode: exitCodes.tool,
    message: ({ target, image, expected, actual }) =>
      `${placeIn(target)} holds ${actual} under the name ${image}, and ${expected} was sent.`,
    hint: () => "Somebody may have given that name to another image meanwhile: run it again",
  }),
  SHIP_NO_TUNNEL: entry<{ target: string; reason: string }>({
    title: "The server's engine cannot pull through the ssh connection",
    exitCode: exitCodes.environment,
    message: ({ target, reason }) =>
      `The engine of ${placeIn(target)} cannot pull through the ssh connection: ${reason}.`,
    hint: () => "Let it be loaded instead: transship ship --via load",
  }),
  SHIP_PULL_FAILED: entry<{ target: string; reason: string }>({
    title: "The server's engine could not pull the image",
    exitCode: exitCodes.tool,
    message: ({ target, reason }) =>
      `The engine of ${placeIn(target)} could not pull the image: ${reason}`,
    hint: () => "Run the same command again; or another way: transship ship --via load",
  }),
  SHIP_LOAD_FAILED: entry<{ target: string; reason: string }>({
    title: "The server's engine could not load the image",
    exitCode: exitCodes.tool,
    message: ({ target, reason }) =>
      `The engine of ${placeIn(target)} could not load the image: ${reason}`,
    hint: () => "Run the same command again: only what is still missing is sent.",
  }),
  ARCHIVE_NOT_WRITABLE: entry<{ archive: string; reason: string }>({
    title: "The archive cannot be written",
    exitCode: exitCodes.environment,
    message: ({ archive, reason }) => `The archive ${archive} cannot be written: ${reason}.`,
    hint: () =>
      "Name a file in a directory of your own: transship ship IMAGE --to DIRECTORY/FILE.tar.zst",
  }),
  ARCHIVE_SUM_DIFFERS: entry<{ archive: string; sums: string; expected: string; actual: string }>({
    title: "The archive is not the one that its sum was made of",
    exitCode: exitCodes.failed,
    message: ({ archive, sums, expected, actual }) =>
      `The archive ${archive} has the SHA-256 ${actual}, and ${sums} says ${expected}.`,
    hint: ({ archive, sums }) =>
      `Copy both again, ${archive} and ${sums}; or write them anew: transship ship IMAGE --to ${archive}`,
  }),
  ARCHIVE_SUM_UNREADABLE: entry<{ sums: string; problem: string }>({
    title: "The file beside the archive holds no sum of it",
    exitCode: exitCodes.failed,
    message: ({ sums, problem }) => `The sum in ${sums} cannot be read: ${problem}.`,
    hint: ({ sums }) =>
      `It has a line as sha256sum writes it. Copy it again, or go without: rm ${sums}`,
  }),
};
