/** The image under proof, named in the transports of containers/image (containers-transports(5)); a bare name is the engine's. */
import { fail } from "../errors.ts";
import type { Descriptor } from "../oci/document.ts";
import { familiarName, parseReference, type Reference } from "../oci/reference.ts";

export type Subject =
  /** The engine's; where `elsewhere` is set and the engine has none, its registry's. */
  | {
      readonly transport: "docker-daemon";
      readonly reference: Reference;
      readonly elsewhere: boolean;
    }
  | { readonly transport: "docker"; readonly reference: Reference }
  /** A layout on disk; an image of it by name, by descriptor, or its only one. */
  | {
      readonly transport: "oci";
      readonly directory: string;
      readonly name?: string;
      readonly root?: Descriptor;
    };

/** Reads a subject as people write it. @throws SUBJECT_INVALID, REFERENCE_INVALID */
export function parseSubject(text: string): Subject {
  const [, transport, rest] =
    /^(docker-daemon|docker|oci|oci-archive|docker-archive):(.*)$/s.exec(text) ?? [];
  // `docker:27` is an image of that name; the transport is written `docker://`.
  if (
    transport === undefined ||
    rest === undefined ||
    (transport === "docker" && !rest.startsWith("//"))
  ) {
    return { transport: "docker-daemon", reference: tagged(parseReference(text)), elsewhere: true };
  }
  switch (transport) {
    case "docker":
      return { transport, reference: tagged(parseReference(rest.slice(2))) };
    case "docker-daemon":
      return { transport, reference: tagged(parseReference(rest)), elsewhere: false };
    case "oci":
      return layoutSubject(text, rest);
    default:
      throw fail("SUBJECT_INVALID", { subject: text, problem: `${transport}: cannot be read yet` });
  }
}

/** `DIR` or `DIR:NAME`, where NAME is a tag or an image's full name. */
function layoutSubject(text: string, rest: string): Subject {
  const [, directory = "", name] = /^((?:[A-Za-z]:[\\/])?[^:]*)(?::(.+))?$/s.exec(rest) ?? [];
  if (directory === "")
    throw fail("SUBJECT_INVALID", { subject: text, problem: "it names no directory" });
  return { transport: "oci", directory, ...(name === undefined ? {} : { name }) };
}

function tagged(reference: Reference): Reference {
  const isWhole = reference.tag !== undefined || reference.digest !== undefined;
  return isWhole ? reference : { ...reference, tag: "latest" };
}

/** The subject as people write it. */
export function formatSubject(subject: Subject): string {
  switch (subject.transport) {
    case "docker-daemon":
      return familiarName(subject.reference);
    case "docker":
      return `docker://${familiarName(subject.reference)}`;
    case "oci": {
      const name = subject.name ?? subject.root?.digest;
      return `oci:${subject.directory}${name === undefined ? "" : `:${name}`}`;
    }
  }
}

/** An image of the store, by what a build wrote. */
export function storedSubject(
  directory: string,
  root: Descriptor,
): Subject & { readonly root: Descriptor } {
  return { transport: "oci", directory, root };
}
