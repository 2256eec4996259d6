import { buildCommand as command } from "@stricli/core";
import { exitCodes, fail } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { listFlag, onFlag, storeFlag, switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { parsePlatforms } from "../platforms.ts";
import { type ProofFlags, proofFlags, proofOptions } from "../proof.ts";
import { tuneForLayers } from "../runtime.ts";
import { type CommonFlags, commonFlags, progressModes, runVerb } from "../verb.ts";

interface BuildFlags extends CommonFlags, ProofFlags {
  readonly image: string;
  readonly tag?: string;
  readonly dockerfile?: string;
  readonly context: string;
  readonly platform: string;
  readonly cache: boolean;
  readonly push: boolean;
  readonly registry?: string;
  readonly load: boolean;
  readonly loadAnyway: boolean;
  readonly buildArg?: readonly string[];
  readonly secret?: readonly string[];
  readonly ssh?: readonly string[];
  readonly target?: string;
  readonly buildContext?: readonly string[];
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  readonly builder?: string;
  readonly store?: string;
  readonly progress: (typeof progressModes)[number];
  readonly dryRun: boolean;
}

export const buildCommand = command<BuildFlags, string[], CliContext>({
  docs: {
    brief: "Build for another architecture, prove what came out, give it to the engine",
    customUsage: ["[FLAGS] [-- BUILDX FLAGS]"],
    fullDescription: [
      "Runs `docker buildx build --platform linux/amd64 …` once, into the store; reads there what came out; loads into the engine",
      "what it lacks; and compares the label that `docker image inspect` reads. What is refuted is neither loaded nor pushed.",
      "Anything after -- is handed to docker buildx build as it is.",
      "",
      "Examples:",
      "  transship build",
      "  transship build -i rustci -t local-amd64 -f Dockerfile -c .",
      "  transship build -i app --platform linux/amd64,linux/arm64",
      "  transship build -i app -t 1.0 --push --registry registry.example.org/team",
      "  transship build --secret id=npm,src=.npmrc --build-arg VERSION=1.0",
      "  transship build -- --label org.opencontainers.image.revision=abc",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "Handed to buildx (after --)", placeholder: "ARGUMENT" },
    },
    flags: {
      ...commonFlags,
      image: textFlagWith("rustci", "The image's name", "NAME"),
      tag: textFlag("Its tag; default local-<arch>, for several platforms local", "TAG"),
      dockerfile: textFlag("The Dockerfile; default CONTEXT/Dockerfile", "FILE"),
      context: textFlagWith(".", "The build context", "DIR"),
      platform: textFlagWith("linux/amd64", "The platforms to build for", "P,P"),
      cache: onFlag("Use what was built before"),
      push: switchFlag("Push it from the store, missing blobs only"),
      registry: textFlag("What is put before the name at the push: host[:port][/team]", "URL"),
      load: onFlag("Give it to the engine"),
      loadAnyway: switchFlag("Load even what is refuted"),
      buildArg: listFlag("A build argument", "NAME=VALUE"),
      secret: listFlag("A secret of the build", "id=ID,src=FILE"),
      ssh: listFlag("An ssh agent of the build", "default|ID=SOCKET"),
      target: textFlag("The stage to build", "STAGE"),
      buildContext: listFlag("Another context by name", "NAME=PATH"),
      cacheFrom: listFlag("Where build cache is read", "SPEC"),
      cacheTo: listFlag("Where build cache is written", "SPEC"),
      builder: textFlag("The builder; default multiarch-builder", "NAME"),
      store: storeFlag,
      progress: {
        kind: "enum",
        values: progressModes,
        default: "auto",
        brief: "How the build is shown while it runs",
      },
      ...proofFlags,
      dryRun: switchFlag("Show the commands and run none"),
    },
    aliases: { i: "image", t: "tag", f: "dockerfile", c: "context" },
  },
  async func(flags, ...passthrough) {
    const { buildDocument, buildText } = await import("../../report/build.ts");
    await runVerb(this, flags, {
      command: "build",
      subject: flags.image,
      progress: flags.progress,
      async run(context) {
        const [stray] = passthrough;
        if (stray !== undefined && !stray.startsWith("-")) {
          const problem = `"${stray}" is no flag; the build context is named by --context ${stray}.`;
          throw fail("USAGE", { problem, command: "transship build" });
        }
        const { build } = await import("../../build/build.ts");
        await tuneForLayers();
        return await build(await optionsOf(flags, passthrough), context);
      },
      text: buildText,
      document: buildDocument,
      exitCode({ outcome, verdict }) {
        if (outcome === "refuted") return exitCodes.failed;
        const isOpen = outcome === "built" && verdict === "unproven";
        return isOpen && flags.strict ? exitCodes.unproven : exitCodes.done;
      },
    });
  },
});

async function optionsOf(flags: BuildFlags, passthrough: readonly string[]) {
  const { cache, platform, buildArg, secret, buildContext, cpu, waivers, progress, ...rest } =
    flags;
  return {
    ...rest,
    progress: progress === "rawjson" ? progress : ("steps" as const),
    ...(await proofOptions("transship build", { cpu, waivers })),
    platforms: parsePlatforms(platform),
    noCache: !cache,
    buildArgs: buildArg ?? [],
    secrets: secret ?? [],
    buildContexts: buildContext ?? [],
    passthrough,
  };
}
