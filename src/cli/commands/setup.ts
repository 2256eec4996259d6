import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { parsePlatforms } from "../platforms.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface SetupFlags extends CommonFlags {
  readonly builder: string;
  readonly platform: string;
  readonly buildkitImage?: string;
  readonly use: boolean;
  readonly recreate: boolean;
  readonly remove: boolean;
  readonly dryRun: boolean;
}

export const setupCommand = buildCommand<SetupFlags, [], CliContext>({
  docs: {
    brief: "Make, check or mend the builder and the emulators",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Makes the builder (driver docker-container) that builds for other architectures, or mends the one that is there;",
      "then runs a tiny program of each platform, in the builder and in the engine, and says what this machine can do.",
      "",
      "Examples:",
      "  transship setup",
      "  transship setup --use",
      "  transship setup --platform linux/amd64,linux/arm64,linux/arm/v7",
      "  transship setup --recreate      # the builder anew, its cache kept",
      "  transship setup --remove",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...commonFlags,
      builder: textFlagWith("multiarch-builder", "The builder's name", "NAME"),
      platform: textFlagWith("linux/amd64,linux/arm64", "Platforms to build for", "P,P"),
      buildkitImage: textFlag("The image of BuildKit's container", "IMAGE"),
      use: switchFlag("Make it the default of docker buildx"),
      recreate: switchFlag("Make it anew; its cache is kept"),
      remove: switchFlag("Remove it, and its cache"),
      dryRun: switchFlag("Show what would be done"),
    },
  },
  async func(flags) {
    const { setupDocument, setupText } = await import("../../report/setup.ts");
    await runVerb(this, flags, {
      command: "setup",
      subject: flags.builder,
      async run(context) {
        const { setup } = await import("../../setup/setup.ts");
        const { buildkitImage, ...rest } = flags;
        const platforms = parsePlatforms(flags.platform);
        const image = buildkitImage === undefined ? {} : { buildkitImage };
        return await setup({ ...rest, ...image, platforms }, context);
      },
      text: setupText,
      document: setupDocument,
      exitCode: ({ checks }) =>
        checks.some(({ status }) => status === "fail") ? exitCodes.failed : exitCodes.done,
    });
  },
});
