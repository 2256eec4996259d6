import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import { parsePlatform } from "../../platform/platform.ts";
import type { CliContext } from "../context.ts";
import { listFlag, numberFlag, onFlag, switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { imageName, imagePositional, refuseTwoImages } from "../image.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface TestFlags extends CommonFlags {
  readonly image?: string;
  readonly name?: string;
  readonly port?: string;
  readonly timeout: number;
  readonly wait: number;
  readonly retries: number;
  readonly retryInterval: number;
  readonly cleanup: boolean;
  readonly quick: boolean;
  readonly platform?: string;
  readonly env?: readonly string[];
  readonly healthPath: string;
  readonly health: boolean;
}

export const testCommand = buildCommand<TestFlags, [image?: string], CliContext>({
  docs: {
    brief: "Run an image and look at it in seven categories",
    customUsage: ["[FLAGS] [IMAGE]"],
    fullDescription: [
      "Starts a container of the image, waits until it is ready, and looks at: its label, its start-up, `uname -m` inside it, its",
      "processes, its network, its health path (HTTP 200 within 10 s) and its resources. Says whether it ran native or emulated, and",
      "by what. The container is always removed, unless --no-cleanup keeps it. Exit code 1: something failed.",
      "",
      "Examples:",
      "  transship test rustci:local-amd64 --port 8080",
      "  transship test rustci:local-amd64 --port 0:3000 --health-path /ready",
      "  transship test rustci:local-amd64 --env DATABASE_URL=sqlite::memory: --wait 60",
      "  transship test rustci:local-amd64 --quick     # does it start, and as what?",
      "  transship test rustci:local-amd64 --no-health --json",
    ].join("\n"),
  },
  parameters: {
    positional: imagePositional,
    flags: {
      ...commonFlags,
      image: textFlag("The image, as a flag", "IMAGE"),
      name: textFlag("The container's name", "NAME"),
      port: textFlag("The host's port, or HOST:CONTAINER; 0 is any free one (default)", "PORT"),
      timeout: numberFlag(10, "Seconds until the health path must have answered", "S"),
      wait: numberFlag(30, "Seconds until the container must be ready", "S"),
      retries: numberFlag(3, "How often the health path is asked", "N"),
      retryInterval: numberFlag(1, "Seconds between two questions", "S"),
      cleanup: onFlag("Remove the container afterwards"),
      quick: switchFlag("Look neither at network nor health nor resources"),
      platform: textFlag("The platform to run; default the image's own", "P"),
      env: listFlag("A variable of the container", "NAME=VALUE"),
      healthPath: textFlagWith("/api/healthchecker", "The path that must answer 200", "PATH"),
      health: onFlag("Ask the health path"),
    },
    aliases: { i: "image", n: "name", p: "port", t: "timeout", w: "wait", e: "env" },
  },
  async func(flags, image) {
    const { testDocument, testText } = await import("../../report/compat.ts");
    const name = imageName(image, flags.image);
    await runVerb(this, flags, {
      command: "test",
      subject: name,
      async run(context) {
        refuseTwoImages(image, flags.image, "transship test");
        const { testImage } = await import("../../compat/compat.ts");
        const { platform, ...rest } = flags;
        const chosen = platform === undefined ? {} : { platform: parsePlatform(platform) };
        return await testImage({ ...rest, ...chosen, image: name }, context);
      },
      text: testText,
      document: testDocument,
      exitCode: ({ verdict }) => (verdict === "failed" ? exitCodes.failed : exitCodes.done),
    });
  },
});
