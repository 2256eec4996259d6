import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { storeFlag, textFlag } from "../flags.ts";
import { imageName, imagePositional, refuseTwoImages } from "../image.ts";
import { parsePlatforms } from "../platforms.ts";
import { type ProofFlags, proofFlags, proofOptions } from "../proof.ts";
import { tuneForLayers } from "../runtime.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface VerifyFlags extends CommonFlags, ProofFlags {
  readonly image?: string;
  readonly platform?: string;
  readonly arch?: string;
  readonly os?: string;
  readonly store?: string;
  readonly explain?: string;
}

export const verifyCommand = buildCommand<VerifyFlags, [image?: string], CliContext>({
  docs: {
    brief: "Prove, without running it, that an image is what its label says",
    customUsage: ["[FLAGS] [IMAGE]"],
    fullDescription: [
      "Reads every file of every layer, and says whether the image will load and start on its platform: label, index and digests,",
      "the program that it starts, its loader, each library and symbol by the loader's own rules, the processor that it needs, and",
      "what else in the image is made for another machine. A refutation says the sentence that the kernel or the loader will print.",
      "Exit code 1: refuted. 3: unproven, with --strict. A bare name is the engine's; what it lacks is asked for at its registry.",
      "Where an archive or a layout holds several images, name one behind the path: its name, its tag, or its place (@0, @1 …).",
      "",
      "Examples:",
      "  transship verify rustci:local-amd64",
      "  transship verify rustci:local-amd64 --platform linux/amd64",
      "  transship verify rustci:local-amd64 -a amd64 -o linux --json",
      "  transship verify docker://registry.example.org/app:1 --platform linux/amd64,linux/arm64",
      "  transship verify 1f2e3d4c5b6a",
      "  transship verify oci:./layout:app",
      "  transship verify oci-archive:./image.tar",
      "  transship verify docker-archive:./saved.tar.gz:app:1",
      "  transship verify rustci:local-amd64 --cpu x86-64-v2",
      "  transship verify rustci:local-amd64 --explain /usr/bin/app",
    ].join("\n"),
  },
  parameters: {
    positional: imagePositional,
    flags: {
      ...commonFlags,
      image: textFlag("The image, as a flag", "IMAGE"),
      platform: textFlag("The platforms that it must have", "P,P"),
      arch: textFlag("The architecture that it must be labelled with", "ARCH"),
      os: textFlag("The system that it must be labelled with", "OS"),
      store: storeFlag,
      cpu: proofFlags.cpu,
      explain: textFlag("Tell the start of that program step by step", "PATH"),
      waivers: proofFlags.waivers,
      strict: proofFlags.strict,
    },
    aliases: { i: "image", a: "arch", o: "os" },
  },
  async func(flags, image) {
    const { verifyDocument, verifyText } = await import("../../report/verify.ts");
    const name = imageName(image, flags.image);
    await runVerb(this, flags, {
      command: "verify",
      subject: name,
      async run(context) {
        refuseTwoImages(image, flags.image, "transship verify");
        const [{ verify }, { parseSubject }] = await Promise.all([
          import("../../verify/verify.ts"),
          import("../../image/subject.ts"),
        ]);
        await tuneForLayers();
        return await verify({ subject: parseSubject(name), ...(await wishes(flags)) }, context);
      },
      text: verifyText,
      document: verifyDocument,
      exitCode({ verdict }) {
        if (verdict === "refuted") return exitCodes.failed;
        return verdict === "unproven" && flags.strict ? exitCodes.unproven : exitCodes.done;
      },
    });
  },
});

/** What was asked of the image: platforms, or a label by its words (`x86_64` is amd64). */
async function wishes(flags: VerifyFlags) {
  const { platform, arch, os, store, explain } = flags;
  const { parsePlatform } = await import("../../platform/platform.ts");
  const architecture = arch === undefined ? {} : { architecture: parsePlatform(arch).architecture };
  const system = os === undefined ? {} : { os: os.toLowerCase() };
  return {
    expected: { ...architecture, ...system },
    ...(platform === undefined ? {} : { platforms: parsePlatforms(platform) }),
    ...(store === undefined ? {} : { store }),
    ...(explain === undefined ? {} : { explain }),
    ...(await proofOptions("transship verify", flags)),
  };
}
