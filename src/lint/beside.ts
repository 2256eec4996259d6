/** Looks at what the rules are told beside the text of a Dockerfile: its build context, and what registries say. */
import path from "node:path";
import type { Context } from "../context.ts";
import type { Platform } from "../platform/platform.ts";
import { contextReader, type LintContext } from "./context.ts";
import type { InspectOptions } from "./inspect.ts";
import { projectReader } from "./project-files.ts";
import type { Beside } from "./view.ts";

/** Where nothing is copied or mounted, what lies beside the Dockerfile does not matter. */
const takesContext = /^[\t ]*(?:ONBUILD[\t ]+)?(?:COPY|ADD)[\t ]|--mount=/im;

export interface BesideOptions extends Omit<InspectOptions, keyof Beside> {
  /** The directory that is sent to the builder; that of the Dockerfile where none is named. */
  readonly contextDirectory?: string;
  /** What is known of it: then it is not looked at again. */
  readonly known?: LintContext | undefined;
  /** `false` leaves lock files unread. Default `true`. */
  readonly lockFiles?: boolean;
  /** Whether registries are asked. */
  readonly online?: boolean;
}

/** `file` is where the text stands, or would. */
export type BesideReader = (
  file: string,
  content: string,
  options: BesideOptions,
) => Promise<Beside>;

/** A reader that looks at the same directory, and reads the same lock file, once. Programs are looked at for these platforms. */
export function besideReader(platforms: readonly Platform[], context: Context): BesideReader {
  const { signal } = context;
  const readContext = contextReader(platforms, signal);
  const readProject = projectReader();
  return async (file, content, options) => {
    const { platforms: own, known, lockFiles = true, online = false } = options;
    const { contextDirectory: directory = path.dirname(file) } = options;
    const found = takesContext.test(content)
      ? (known ?? (await readContext(directory, file)))
      : undefined;
    const asked = found && { directory, context: found, content, lockFiles, platforms: own };
    const read = asked && (await readProject(asked, signal));
    const offered = online ? await offeredFor(content, options, context) : undefined;
    return { context: found, ...read, offered };
  };
}

/** With it come readers of registries and layouts, which nothing else needs. */
async function offeredFor(
  text: string,
  options: InspectOptions,
  context: Context,
): Promise<Beside["offered"]> {
  const { askRegistries } = await import("./online.ts");
  return await askRegistries(text, options, context);
}
