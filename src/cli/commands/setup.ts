import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import { type SettingsFlags, settingsChange } from "../buildkit-settings.ts";
import type { CliContext } from "../context.ts";
import { listFlag, switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { parseNode } from "../nodes.ts";
import { parsePlatforms } from "../platforms.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";
import type { SetupOptions } from "../../setup/setup.ts";

interface SetupFlags extends CommonFlags, SettingsFlags {
  readonly builder: string;
  readonly platform: string;
  readonly buildkitImage?: string;
  readonly node?: readonly string[];
  readonly removeNode?: readonly string[];
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
      "Behind the ENGINE of a --node may stand ,name= ,platform= and for tcp:// ,ca= ,cert= ,key=.",
      "",
      "Examples:",
      "  transship setup",
      "  transship setup --use",
      "  transship setup --platform linux/amd64,linux/arm64,linux/arm/v7",
      "  transship setup --node ssh://me@server               # build on that machine what it runs without an emulator",
      "  transship setup --node tcp://10.0.0.2:2376,ca=ca.pem,cert=cert.pem,key=key.pem,name=big",
      "  transship setup --remove-node multiarch-builder-server",
      "  transship setup --registry-http 10.0.0.5:5000 --cache-size 20GB",
      "  transship setup --registry-mirror docker.io=mirror.local:5000 --registry-ca mirror.local:5000=ca.pem",
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
      node: listFlag(
        "A machine to build on as well: an address of an engine, or a context",
        "ENGINE",
      ),
      removeNode: listFlag("Take such a machine away again", "NAME"),
      registryHttp: listFlag("A registry that speaks plain HTTP", "HOST[:PORT]"),
      registryCa: listFlag("The certificate of a registry's authority", "HOST[:PORT]=FILE"),
      registryMirror: listFlag("A mirror to ask before a registry", "HOST=MIRROR"),
      registryForget: listFlag("Forget what was said of a registry", "HOST[:PORT]"),
      cacheSize: textFlag("Most that its cache may hold: 20GB; default is 50GB", "SIZE"),
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
        return await setup(setupOptions(flags), context);
      },
      text: setupText,
      document: setupDocument,
      exitCode: ({ checks }) =>
        checks.some(({ status }) => status === "fail") ? exitCodes.failed : exitCodes.done,
    });
  },
});

/** @throws USAGE, PLATFORM_UNKNOWN */
function setupOptions(flags: SetupFlags): SetupOptions {
  const { builder, use, recreate, remove, dryRun, buildkitImage, node = [], removeNode } = flags;
  return {
    builder,
    use,
    recreate,
    remove,
    dryRun,
    platforms: parsePlatforms(flags.platform),
    nodes: node.map(parseNode),
    removeNodes: removeNode ?? [],
    settings: settingsChange(flags),
    ...(buildkitImage === undefined ? {} : { buildkitImage }),
  };
}
