import { buildCommand, numberParser } from "@stricli/core";
import { exitCodes, fail } from "../../errors.ts";
import { parsePlatform } from "../../platform/platform.ts";
import type { CliContext } from "../context.ts";
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

const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, optional: true, brief, placeholder }) as const;
const count = (brief: string, placeholder: string, value: string) =>
  ({ kind: "parsed", parse: numberParser, default: value, brief, placeholder }) as const;

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
      image: text("The image, as a flag", "IMAGE"),
      name: text("The container's name", "NAME"),
      port: text("The host's port, or HOST:CONTAINER; 0 is any free one (default)", "PORT"),
      timeout: count("Seconds until the health path must have answered", "S", "10"),
      wait: count("Seconds until the container must be ready", "S", "30"),
      retries: count("How often the health path is asked", "N", "3"),
      retryInterval: count("Seconds between two questions", "S", "1"),
      cleanup: { kind: "boolean", default: true, brief: "Remove the container afterwards" },
      quick: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Look neither at network nor health nor resources",
      },
      platform: text("The platform to run; default the image's own", "P"),
      env: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        brief: "A variable of the container; may be repeated",
        placeholder: "NAME=VALUE",
      },
      healthPath: {
        kind: "parsed",
        parse: String,
        default: "/api/healthchecker",
        brief: "The path that must answer 200",
        placeholder: "PATH",
      },
      health: { kind: "boolean", default: true, brief: "Ask the health path" },
    },
    aliases: { i: "image", n: "name", p: "port", t: "timeout", w: "wait", e: "env" },
  },
  async func(flags, image) {
    const { testDocument, testText } = await import("../../report/compat.ts");
    const name = image ?? flags.image ?? "rustci:local-amd64";
    await runVerb(this, flags, {
      command: "test",
      subject: name,
      async run(context) {
        if (image !== undefined && flags.image !== undefined && image !== flags.image) {
          const problem = `Two images are named, ${image} and ${flags.image}.`;
          throw fail("USAGE", { problem, command: "transship test" });
        }
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
