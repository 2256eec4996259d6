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
  BUILDER_LOCKED: entry<{ owner: string; lock: string; seconds: number }>({
    title: "Another run is at work on the builders",
    exitCode: exitCodes.environment,
    message: ({ owner, seconds }) =>
      `The builders are being changed by ${owner}, which was not done within ${seconds} s.`,
    hint: ({ lock }) =>
      `Wait for it and run again: transship setup. If that run is gone: rm ${lock}`,
  }),
  CACHE_NOT_WRITABLE: entry<{ directory: string; reason: string }>({
    title: "Transship's own directory may not be written",
    exitCode: exitCodes.environment,
    message: ({ directory, reason }) =>
      `${directory}, where Transship keeps what it needs again, cannot be written: ${reason}.`,
    hint: ({ directory }) =>
      `Name a directory of your own (export XDG_CACHE_HOME=DIR), or make this one yours: sudo chown -R "$USER" ${directory}`,
  }),
  BUILDER_FOREIGN: entry<{ builder: string; driver: string; asked: readonly string[] }>({
    title: "The builder was made by somebody else, and is not changed",
    exitCode: exitCodes.usage,
    message: ({ builder, driver, asked }) =>
      `The builder ${builder} (driver ${driver}) was not made by Transship: it is used as it is, and ${asked.join(", ")} would change it.`,
    hint: ({ builder }) =>
      `Use it as it is: transship build --builder ${builder}; change it by its own means: docker buildx inspect ${builder}; or let Transship make one of another name: transship setup --builder NAME`,
  }),
  REGISTRY_CA_MISSING: entry<{ registry: string; file: string; reason: string }>({
    title: "The certificate of a registry's authority cannot be read",
    exitCode: exitCodes.usage,
    message: ({ registry, file, reason }) =>
      `The certificate ${file}, which the builder is to trust for ${registry}, cannot be read: ${reason}.`,
    hint: ({ registry }) =>
      `Name it anew: transship setup --registry-ca ${registry}=FILE; or do without: transship setup --registry-forget ${registry}`,
  }),
  EMULATOR_MISSING: entry<{ platform: string; architecture: string }>({
    title: "No emulator runs the programs of that platform",
    exitCode: exitCodes.environment,
    message: ({ platform }) => `This machine cannot run the programs of ${platform}.`,
    hint: ({ architecture }) =>
      `Install an emulator: docker run --privileged --rm tonistiigi/binfmt --install ${architecture} (or: sudo apt-get install qemu-user-static), then: transship setup`,
  }),
};
