import { buildCommand } from "@stricli/core";
import { exitCodes, fail } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { parsePlatforms } from "../platforms.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface VerifyFlags extends CommonFlags {
  readonly image?: string;
  readonly platform?: string;
  readonly arch?: string;
  readonly os?: string;
  readonly store?: string;
  readonly strict: boolean;
}

export const verifyCommand = buildCommand<VerifyFlags, [image?: string], CliContext>({
  docs: {
    brief: "Prove, without running it, that an image is what its label says",
    customUsage: ["[FLAGS] [IMAGE]"],
    fullDescription: [
      "Reads an image's index, manifests, configs and layers, and compares: the label with what was asked for, the index with",
      "the configs, the layers with their digests, and the program that the image starts with the platform's machine.",
      "Exit code 1: refuted. 3: unproven, with --strict. A bare name is the engine's; what it lacks is asked for at its registry.",
      "",
      "Examples:",
      "  transship verify rustci:local-amd64",
      "  transship verify rustci:local-amd64 --platform linux/amd64",
      "  transship verify rustci:local-amd64 -a amd64 -o linux --json",
      "  transship verify docker://registry.example.org/app:1 --platform linux/amd64,linux/arm64",
      "  transship verify oci:./layout:app",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          brief: "The image; default rustci:local-amd64",
          placeholder: "IMAGE",
          optional: true,
        },
      ],
    },
    flags: {
      ...commonFlags,
      image: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "The image, as a flag",
        placeholder: "IMAGE",
      },
      platform: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "The platforms that it must have",
        placeholder: "P,P",
      },
      arch: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "The architecture that it must be labelled with",
        placeholder: "ARCH",
      },
      os: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "The system that it must be labelled with",
        placeholder: "OS",
      },
      store: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "The store's directory",
        placeholder: "DIR",
      },
      strict: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Exit with 3 when something could not be decided",
      },
    },
    aliases: { i: "image", a: "arch", o: "os" },
  },
  async func(flags, image) {
    const { verifyDocument, verifyText } = await import("../../report/verify.ts");
    const name = image ?? flags.image ?? "rustci:local-amd64";
    await runVerb(this, flags, {
      command: "verify",
      subject: name,
      async run(context) {
        if (image !== undefined && flags.image !== undefined && image !== flags.image) {
          const problem = `Two images are named, ${image} and ${flags.image}.`;
          throw fail("USAGE", { problem, command: "transship verify" });
        }
        const [{ verify }, { parseSubject }] = await Promise.all([
          import("../../verify/verify.ts"),
          import("../../image/subject.ts"),
        ]);
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
async function wishes({ platform, arch, os, store }: VerifyFlags) {
  const { parsePlatform } = await import("../../platform/platform.ts");
  const architecture = arch === undefined ? {} : { architecture: parsePlatform(arch).architecture };
  const system = os === undefined ? {} : { os: os.toLowerCase() };
  return {
    expected: { ...architecture, ...system },
    ...(platform === undefined ? {} : { platforms: parsePlatforms(platform) }),
    ...(store === undefined ? {} : { store }),
  };
}
