/** The image under proof, named in the transports of containers/image (containers-transports(5)); a bare name is the engine's. */
import { fail } from "../errors.ts";
import type { Descriptor } from "../oci/document.ts";
import { familiarName, parseReference, type Reference, tagged } from "../oci/reference.ts";
import type { Choice } from "./choice.ts";

export type Subject = EngineSubject | RegistrySubject | LayoutSubject | ArchiveSubject;

/** The engine's; where `elsewhere` is set and the engine has none, its registry's. */
export interface EngineSubject {
  readonly transport: "docker-daemon";
  readonly reference: Reference;
  readonly elsewhere: boolean;
  /** As it was written, where it may be an image's ID or the beginning of one: the engine knows. */
  readonly id?: string;
}

interface RegistrySubject {
  readonly transport: "docker";
  readonly reference: Reference;
}

/** A layout on disk; an image of it by name, by place, by descriptor, or its only one. */
export interface LayoutSubject extends Choice {
  readonly transport: "oci";
  readonly directory: string;
  readonly root?: Descriptor;
}

/** An archive of a layout, or docker's own; an image of it by name, by place, or its only one. */
export interface ArchiveSubject extends Choice {
  readonly transport: "oci-archive" | "docker-archive";
  readonly file: string;
  /** Where it is no archive of a layout, it is taken for docker's own. */
  readonly mayBeDockers?: boolean;
}

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
    return engineSubject(text, true);
  }
  switch (transport) {
    case "docker":
      return { transport, reference: tagged(parseReference(rest.slice(2))) };
    case "docker-daemon":
      return engineSubject(rest, false);
    case "oci": {
      const { path, ...choice } = splitPath(text, rest, "it names no directory");
      return { transport, directory: path, ...choice };
    }
    default: {
      const { path, ...choice } = splitPath(text, rest, "it names no file");
      const kind = transport === "oci-archive" ? "oci-archive" : "docker-archive";
      return { transport: kind, file: path, ...choice };
    }
  }
}

/** What docker takes for an ID, or for its beginning, where no image has that name (moby/moby, `daemon/containerd/image.go`). */
const idPattern = /^(?:sha256:)?[0-9a-f]{1,64}$/;
/** What docker prints as one; a name of such words is nobody's. */
const certainIdPattern = /^(?:sha256:[0-9a-f]+|[0-9a-f]{12,64})$/;

function engineSubject(text: string, elsewhere: boolean): EngineSubject {
  const reference = tagged(parseReference(text));
  const mayBeElsewhere = elsewhere && !certainIdPattern.test(text);
  const id = idPattern.test(text) ? { id: text } : {};
  return { transport: "docker-daemon", reference, elsewhere: mayBeElsewhere, ...id };
}

/** `PATH`, `PATH:NAME` or `PATH:@PLACE`. */
function splitPath(text: string, rest: string, problem: string): { path: string } & Choice {
  const [, path = "", name] = /^((?:[A-Za-z]:[\\/])?[^:]*)(?::(.+))?$/s.exec(rest) ?? [];
  if (path === "") throw fail("SUBJECT_INVALID", { subject: text, problem });
  if (name === undefined) return { path };
  if (!name.startsWith("@")) return { path, name };
  const index = /^@\d{1,9}$/.test(name) ? Number(name.slice(1)) : Number.NaN;
  if (Number.isNaN(index))
    throw fail("SUBJECT_INVALID", { subject: text, problem: `"${name}" is no place: @0, @1 …` });
  return { path, index };
}

/** The subject as people write it. */
export function formatSubject(subject: Subject): string {
  switch (subject.transport) {
    case "docker-daemon":
      return subject.id ?? familiarName(subject.reference);
    case "docker":
      return `docker://${familiarName(subject.reference)}`;
    case "oci":
      return `oci:${subject.directory}${suffix(subject.name ?? subject.root?.digest, subject)}`;
    case "oci-archive":
    case "docker-archive":
      return `${subject.transport}:${subject.file}${suffix(subject.name, subject)}`;
  }
}

function suffix(name: string | undefined, { index }: Choice): string {
  if (name !== undefined) return `:${name}`;
  return index === undefined ? "" : `:@${index}`;
}

/** An image of the store, by what a build wrote. */
export function storedSubject(
  directory: string,
  root: Descriptor,
): LayoutSubject & { readonly root: Descriptor } {
  return { transport: "oci", directory, root };
}
