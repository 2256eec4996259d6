import { buildCommand as command } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { choiceFlag, listFlag, onFlag, storeFlag, switchFlag, textFlag } from "../flags.ts";
import { parsePlatforms } from "../platforms.ts";
import { type ProofFlags, proofFlags, proofOptions } from "../proof.ts";
import { tuneForLayers } from "../runtime.ts";
import { type CommonFlags, commonFlags, progressModes, runVerb } from "../verb.ts";

export interface BuildFlags extends CommonFlags, ProofFlags {
  readonly image?: string;
  readonly tag?: string;
  readonly dockerfile?: string;
  readonly context?: string;
  readonly platform?: string;
  readonly cache: boolean;
  readonly push?: boolean;
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
  readonly emulation: boolean;
  readonly explainEmulation: boolean;
  readonly progress: (typeof progressModes)[number];
  readonly dryRun: boolean;
}

export const buildCommand = command<BuildFlags, string[], CliContext>({
  docs: {
    brief: "Build for another architecture, prove what came out, give it to the engine",
    customUsage: ["[FLAGS] [SERVICE…] [-- BUILDX FLAGS]"],
    fullDescription: [
      "Runs `docker buildx build --platform linux/amd64 …` once, into the store; reads there what came out; loads into the engine",
      "what it lacks; and compares the label that `docker image inspect` reads. What is refuted is neither loaded nor pushed.",
      "Anything after -- is handed to docker buildx build as it is.",
      "",
      "Where the directory has a compose.yaml with a build section, and none of --image, --context and --dockerfile is given, its",
      "services are built as it says, one after the other: all, or those that are named. Other flags go before what the file says.",
      "",
      "Examples:",
      "  transship build",
      "  transship build web worker --platform linux/amd64,linux/arm64",
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
      parameter: {
        parse: String,
        brief: "A service of compose.yaml; after -- what is handed to buildx",
        placeholder: "SERVICE",
        async proposeCompletions(partial) {
          const { proposeServices } = await import("../project.ts");
          return await proposeServices(partial, this.process.env);
        },
      },
    },
    flags: {
      ...commonFlags,
      image: textFlag("The image's name; default rustci", "NAME"),
      tag: textFlag("Its tag; default local-<arch>, for several platforms local", "TAG"),
      dockerfile: textFlag("The Dockerfile; default CONTEXT/Dockerfile", "FILE"),
      context: textFlag("The build context; default .", "DIR"),
      platform: textFlag("The platforms to build for; default linux/amd64", "P,P"),
      cache: onFlag("Use what was built before"),
      push: choiceFlag("Push it from the store, missing blobs only"),
      registry: textFlag(
        "What is put before the name at the push: [http://]host[:port][/team]",
        "URL",
      ),
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
      emulation: onFlag("Let steps run under an emulator"),
      explainEmulation: switchFlag(
        "Name for each emulated step the way out, with the lines to write",
      ),
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
  async func(flags, ...words) {
    const { servicesDocument, servicesExit, servicesText } =
      await import("../../report/services.ts");
    const image = flags.image ?? "rustci";
    let subject = image;
    await runVerb(this, flags, {
      command: "build",
      get subject() {
        return subject;
      },
      progress: flags.progress,
      async run(context) {
        const { buildProject, projectSubject, readProject } = await import("../project.ts");
        subject = (await projectSubject(flags, context.env)) ?? image;
        const project = await readProject(flags, words, context);
        subject = project?.name ?? image;
        await tuneForLayers();
        if (project !== undefined) return await buildProject(project, context);
        const { build } = await import("../../build/build.ts");
        return await build(await optionsOf(flags, words), context);
      },
      text: servicesText,
      document: servicesDocument,
      exitCode: (result) => servicesExit(result, flags),
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
    platforms: parsePlatforms(platform ?? "linux/amd64"),
    noCache: !cache,
    buildArgs: buildArg ?? [],
    secrets: secret ?? [],
    buildContexts: buildContext ?? [],
    passthrough,
  };
}
