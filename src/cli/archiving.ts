/** What the words and flags of `transship ship --to` ask for. */
import { createWriteStream, fstatSync } from "node:fs";
import type { Writable } from "node:stream";
import { parseSubject } from "../image/subject.ts";
import type { ArchiveOptions, Place } from "../ship/archive/archive.ts";
import type { ShipFlags } from "./commands/ship.ts";
import { sharedOptions, splitWords, wrong } from "./shipping.ts";

type Output = Writable & { readonly isTTY?: boolean };

/** @throws USAGE, SUBJECT_INVALID, REFERENCE_INVALID, PLATFORM_UNKNOWN */
export function archiveOptions(
  words: readonly string[],
  flags: ShipFlags & { readonly to: string },
  stdout: Output,
): ArchiveOptions {
  const { to, from } = flags;
  if (from !== undefined)
    throw wrong("--from sends an archive to servers, and --to writes one: name one of the two.");
  const { image, others } = splitWords(words, flags);
  if (others.length > 0)
    throw wrong(`--to writes a file instead, and servers are named: ${others.join(", ")}.`);
  for (const flag of ["via", "port", "identity"] as const) {
    if (flags[flag] !== undefined)
      throw wrong(`--${flag} is about servers, and --to names a file instead.`);
  }
  return { subject: parseSubject(image), to: placeOf(to, flags, stdout), ...sharedOptions(flags) };
}

function placeOf(to: string, flags: ShipFlags, stdout: Output): Place {
  if (to === "-") {
    if (flags.json || flags.format === "json")
      throw wrong("Standard output holds the archive (--to -), and so cannot hold JSON as well.");
    if (stdout.isTTY === true && !flags.dryRun)
      throw wrong(
        "Standard output is a terminal, and the archive is no text: --to FILE, or a pipe.",
      );
    return { stream: byteStream(stdout), name: "standard output" };
  }
  if (/[^/\\]\.tar(?:\.zst)?$/.test(to)) return { file: to };
  throw wrong(
    `--to ${JSON.stringify(to)} is no name of an archive: FILE.tar.zst, FILE.tar, or - for standard output.`,
  );
}

/** Of a file Node's own standard output takes no notice when it had room for a part of a chunk alone, as on a disk that is full. */
function byteStream(stdout: Output): Writable {
  const fd = "fd" in stdout && typeof stdout.fd === "number" ? stdout.fd : undefined;
  if (fd === undefined || !fstatSync(fd).isFile()) return stdout;
  return createWriteStream("", { fd, autoClose: false });
}
