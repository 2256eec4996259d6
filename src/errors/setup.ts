import { entry, exitCodes } from "./entry.ts";

export const setupErrors = {
  BUILDER_MISSING: entry<{ builder: string; reason: string }>({
    title: "The builder does not exist",
    exitCode: exitCodes.environment,
    message: ({ builder, reason }) => `There is no builder named ${builder}, and ${reason}.`,
    hint: ({ builder }) =>
      builder === "multiarch-builder"
        ? "Create it: transship setup"
        : `Create it: transship setup --builder ${builder}`,
  }),
  BUILDER_NAME_RESERVED: entry<{ builder: string }>({
    title: "The name is that of an engine's own builder",
    exitCode: exitCodes.usage,
    message: ({ builder }) =>
      `"${builder}" is the builder that an engine brings itself; it can be neither made nor removed.`,
    hint: () => "Give yours another name: transship setup --builder multiarch-builder",
  }),
  EMULATOR_MISSING: entry<{ platform: string; architecture: string }>({
    title: "No emulator runs the programs of that platform",
    exitCode: exitCodes.environment,
    message: ({ platform }) => `This machine cannot run the programs of ${platform}.`,
    hint: ({ architecture }) =>
      `Install an emulator: docker run --privileged --rm tonistiigi/binfmt --install ${architecture} (or: sudo apt-get install qemu-user-static), then: transship setup`,
  }),
};
