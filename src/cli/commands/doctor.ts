import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { parsePlatforms } from "../platforms.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface DoctorFlags extends CommonFlags {
  readonly platform: string;
  readonly builder?: string;
  readonly clean: boolean;
}

export const doctorCommand = buildCommand<DoctorFlags, [], CliContext>({
  docs: {
    brief: "Try the whole system on this machine",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Builds a tiny service for each platform, verifies it, runs and tests it, and removes all of it. Nothing else is changed.",
      "Exit code 1: a component does not work.",
      "",
      "Examples:",
      "  transship doctor",
      "  transship doctor --platform linux/amd64 --verbose",
      "  transship doctor --clean        # removes what killed runs left in the engine; not while others run",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...commonFlags,
      platform: textFlagWith("linux/amd64,linux/arm64", "The platforms to try", "P,P"),
      builder: textFlag("The builder; default multiarch-builder", "NAME"),
      clean: switchFlag("Remove what earlier runs left, and try nothing"),
    },
  },
  async func(flags) {
    const { doctorDocument, doctorText } = await import("../../report/doctor.ts");
    await runVerb(this, flags, {
      command: "doctor",
      subject: flags.platform,
      async run(context) {
        const { doctor } = await import("../../doctor/doctor.ts");
        const { builder, clean } = flags;
        const named = builder === undefined ? {} : { builder };
        return await doctor(
          { ...named, clean, platforms: parsePlatforms(flags.platform) },
          context,
        );
      },
      text: doctorText,
      document: doctorDocument,
      exitCode: ({ verdict }) => (verdict === "failed" ? exitCodes.failed : exitCodes.done),
    });
  },
});
