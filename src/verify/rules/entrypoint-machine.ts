/** The program that the image starts is for the platform's machine. */
import type { Rule } from "./rule.ts";

export const entrypointMachine: Rule = {
  id: "entrypoint-machine",
  title: "The program that the image starts is made for another machine",
  what: "Compares class, byte order and machine of the ELF header with the platform of the image, for the program that starts and for those that it starts in turn.",
  why: "The kernel refuses it: `exec format error`. On a developer's machine with emulators registered it even runs, so nobody notices.",
  example: "ARG TARGETARCH=amd64\nRUN curl -Lo /app https://…/app-linux-amd64",
  fix: "Compile it for the target (ARG TARGETARCH without a default), or copy it from a stage of the target's platform.",
};
