/** What the words and flags of `transship ship` ask for. */
import { existsSync } from "node:fs";
import { fail, isFailure } from "../errors.ts";
import { parseSubject } from "../image/subject.ts";
import { parseReference } from "../oci/reference.ts";
import { parsePlatform } from "../platform/platform.ts";
import type { RegistryVia, ShipOptions } from "../ship/ship.ts";
import type { ShipFlags } from "./commands/ship.ts";
import { serverTarget } from "./servers.ts";

const command = "transship ship";

/** @throws USAGE, SUBJECT_INVALID, REFERENCE_INVALID, PLATFORM_UNKNOWN, SERVER_INVALID */
export function shipOptions(words: readonly string[], flags: ShipFlags): ShipOptions {
  const { from } = flags;
  if (from !== undefined) return { ...fromArchive(from, words, flags), ...serverOptions(flags) };
  const { image, others } = splitWords(words, flags);
  if (others.length === 0) throw wrong(`No server is named: ${command} ${image} USER@SERVER.`);
  const servers = others.map((server) => serverTarget(server, flags));
  return { subject: parseSubject(image), servers, ...serverOptions(flags) };
}

function serverOptions(flags: ShipFlags) {
  return {
    ...via(flags.via),
    ...sharedOptions(flags),
    parallel: count("--parallel", flags.parallel),
    keep: count("--keep", flags.keep),
  };
}

function fromArchive(
  from: string,
  words: readonly string[],
  flags: ShipFlags,
): Pick<ShipOptions, "subject" | "servers" | "checkSum"> {
  if (flags.image !== undefined)
    throw wrong(`Two images are named, ${flags.image} and what is in ${from} (--from).`);
  const [first] = words;
  if (from === "" || first === undefined)
    throw wrong(`No server is named: ${command} --from ${from || "FILE"} USER@SERVER.`);
  if (!existsSync(from)) throw wrong(`There is no file ${from} (--from).`);
  return {
    subject: { transport: "oci-archive", file: from, mayBeDockers: true },
    servers: words.map((word, n) => {
      try {
        return serverTarget(word, flags);
      } catch (error) {
        if (n > 0 || words.length === 1 || !isFailure(error, "SERVER_INVALID")) throw error;
        throw wrong(`${word} is no server, and the image is what is in ${from} (--from).`);
      }
    }),
    checkSum: true,
  };
}

/** The image, and what stands behind it. @throws USAGE */
export function splitWords(words: readonly string[], flags: ShipFlags) {
  const [image, ...others] = flags.image === undefined ? words : [flags.image, ...words];
  if (image === undefined) throw wrong("No image is named.");
  return { image, others };
}

/** What is asked for of an image wherever it goes. */
export function sharedOptions({ name, platform, store, strict, shipAnyway, dryRun }: ShipFlags) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    ...(store === undefined ? {} : { store }),
    strict,
    shipAnyway,
    dryRun,
  };
}

function via(way: string | undefined): Pick<ShipOptions, "via"> {
  return way === undefined ? {} : { via: shippingVia(way) };
}

/** What `--via` says. @throws USAGE, REFERENCE_INVALID */
export function shippingVia(way: string): NonNullable<ShipOptions["via"]> {
  return way === "pull" || way === "load" ? way : registryVia(way);
}

/** `registry.example.org/app`, `http://10.0.0.5:5000/team/app`; a name with a slash alone is one of Docker Hub's. */
function registryVia(way: string): RegistryVia {
  const [, scheme, place = way] = /^(https?):\/\/(.*)$/.exec(way) ?? [];
  const shown = `--via ${JSON.stringify(way)}`;
  if (scheme === undefined && !/[./]/.test(place))
    throw wrong(`${shown} is no way: pull, load, or a repository of a registry, HOST/PATH.`);
  if (!place.includes("/")) throw wrong(`${shown} names no repository: write ${place}/NAME.`);
  const registry = parseReference(place);
  if (registry.digest !== undefined) throw wrong(`${shown} is a name to give, and has no digest.`);
  return { registry, ...(scheme === "http" ? { plainHttp: true } : {}) };
}

function count(flag: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw wrong(`${flag} ${value} is no number of them: 1 or more.`);
}

export function wrong(problem: string) {
  return fail("USAGE", { problem, command });
}
