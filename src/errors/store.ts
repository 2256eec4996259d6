import { entry, exitCodes } from "./entry.ts";

export const storeErrors = {
  STORE_NOT_DIRECTORY: entry<{ directory: string }>({
    title: "The store's path is not a directory",
    exitCode: exitCodes.environment,
    message: ({ directory }) => `The store ${directory} is not a directory.`,
    hint: () => "Name a directory: --store DIR",
  }),
  STORE_NOT_WRITABLE: entry<{ directory: string; reason: string }>({
    title: "The store may not be written",
    exitCode: exitCodes.environment,
    message: ({ directory, reason }) => `The store ${directory} cannot be written: ${reason}.`,
    hint: ({ directory }) =>
      `Name a directory of your own (--store DIR), or make this one yours: sudo chown -R "$USER" ${directory}`,
  }),
  STORE_LAYOUT_UNKNOWN: entry<{ directory: string; problem: string }>({
    title: "The directory is no OCI layout that Transship can read",
    exitCode: exitCodes.environment,
    message: ({ directory, problem }) => `${directory} is not an OCI image layout: ${problem}.`,
    hint: () =>
      "Name an OCI layout (version 1.0.0) or, for the store, a new directory: --store DIR",
  }),
  STORE_INDEX_DAMAGED: entry<{ path: string; problem: string }>({
    title: "The list of images in a layout cannot be read",
    exitCode: exitCodes.environment,
    message: ({ path, problem }) => `${path} is damaged: ${problem}`,
    hint: ({ path }) => `Move it away, then build again: mv ${path} ${path}.damaged`,
  }),
  STORE_BLOB_MISSING: entry<{ digest: string; path: string }>({
    title: "A blob that an image names is not in the layout",
    exitCode: exitCodes.failed,
    message: ({ digest, path }) => `The blob ${digest} is missing: there is no ${path}.`,
    hint: () => "Build the image again, so that it is written anew: transship build",
  }),
  STORE_BLOB_DAMAGED: entry<{ digest: string; path: string; problem: string }>({
    title: "A blob in the layout is not what its digest says",
    exitCode: exitCodes.failed,
    message: ({ digest, path, problem }) => `The blob ${digest} (${path}) is damaged: ${problem}.`,
    hint: ({ path }) => `Remove it, then build again: rm -f ${path}`,
  }),
  STORE_BLOB_TOO_LARGE: entry<{ digest: string; bytes: number; limit: number }>({
    title: "A document of an image is larger than any real one",
    exitCode: exitCodes.failed,
    message: ({ digest, bytes, limit }) =>
      `The document ${digest} has ${bytes} bytes; more than ${limit} are not read.`,
    hint: () => "This is no document that a build wrote; build the image again: transship build",
  }),
  STORE_LOCKED: entry<{ directory: string; owner: string; lock: string; seconds: number }>({
    title: "Another run keeps the store",
    exitCode: exitCodes.environment,
    message: ({ directory, owner, seconds }) =>
      `The store ${directory} is in use by ${owner}, and was not free within ${seconds} s.`,
    hint: ({ lock }) =>
      `Wait for it and run again, or use another store (--store DIR). If that run is gone: rm ${lock}`,
  }),
};
