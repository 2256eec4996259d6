import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { listFlag, storeFlag, switchFlag, textFlag } from "../flags.ts";
import { parseSize, parseSpan } from "../quantities.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface ListFlags extends CommonFlags {
  readonly store?: string;
}

interface PruneFlags extends CommonFlags {
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly name?: readonly string[];
  readonly store?: string;
  readonly dryRun: boolean;
}

export const listCommand = buildCommand<ListFlags, [], CliContext>({
  docs: {
    brief: "List what is in the store, and how much room it takes",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Lists the images that builds wrote: platforms, the compressed bytes that each needs alone and those that it shares with",
      "others, and when a build last wrote or found it. What is missing or damaged is said. Changes nothing.",
      "",
      "Examples:",
      "  transship store ls",
      "  transship store ls --json",
    ].join("\n"),
  },
  parameters: { flags: { ...commonFlags, store: storeFlag } },
  async func(flags) {
    const { listingDocument, listingText } = await import("../../report/store.ts");
    await runVerb(this, flags, {
      command: "store ls",
      subject: await subjectOf(flags, this),
      async run(context) {
        const { listStore } = await import("../../store/list.ts");
        return await listStore(flags, context);
      },
      text: listingText,
      document: listingDocument,
      exitCode: () => exitCodes.done,
    });
  },
});

export const pruneCommand = buildCommand<PruneFlags, [], CliContext>({
  docs: {
    brief: "Remove what nothing needs any more, and what is asked for",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Removes the blobs that no name leads to, names of which no platform is whole, files that interrupted builds left, and what is",
      "kept of layers that are gone. Names themselves go only by the flags below. Waits for builds of Transship; what a docker",
      "buildx build may be writing (younger than 10 minutes, without a name) stays.",
      "",
      "Examples:",
      "  transship store prune --dry-run",
      "  transship store prune --older-than 30d",
      "  transship store prune --max-size 10GB          # the oldest first, until the rest fits",
      "  transship store prune --name app               # all tags of app",
      "  transship store prune --name 'app:ci-*' --older-than 2w",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...commonFlags,
      olderThan: textFlag("Names that no build wrote or found for so long: 12h, 30d, 2w", "SPAN"),
      maxSize: textFlag("The oldest names, until the rest is no larger: 500MB, 10GB", "SIZE"),
      name: listFlag("Only names like this; * stands for anything but a slash", "PATTERN"),
      store: storeFlag,
      dryRun: switchFlag("Show what would go, and remove nothing"),
    },
  },
  async func(flags) {
    const { pruneDocument, pruneText } = await import("../../report/store.ts");
    await runVerb(this, flags, {
      command: "store prune",
      subject: await subjectOf(flags, this),
      async run(context) {
        const { pruneStore } = await import("../../store/prune.ts");
        return await pruneStore(pruneOptions(flags), context);
      },
      text: pruneText,
      document: pruneDocument,
      exitCode: () => exitCodes.done,
    });
  },
});

/** The store's directory. */
async function subjectOf({ store }: ListFlags, { process }: CliContext): Promise<string> {
  const { storeDirectory } = await import("../../store/directory.ts");
  return storeDirectory({ flag: store, env: process.env });
}

function pruneOptions({ olderThan, maxSize, name, store, dryRun }: PruneFlags) {
  const command = "transship store prune";
  return {
    dryRun,
    ...(olderThan === undefined
      ? {}
      : { olderThanMs: parseSpan(olderThan, "--older-than", command) }),
    ...(maxSize === undefined ? {} : { maxBytes: parseSize(maxSize, "--max-size", command) }),
    ...(name === undefined ? {} : { patterns: name }),
    ...(store === undefined ? {} : { store }),
  };
}
