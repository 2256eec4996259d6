/** Programs and libraries elsewhere are for the platform's machine. */
import type { Rule } from "./rule.ts";

export const fileMachine: Rule = {
  id: "file-machine",
  title: "Programs or libraries in the image are made for another machine or system",
  what: "Every ELF, Mach-O and PE file that nothing above reaches. Silent where such files are meant to be: cross-compilers, emulators, firmware, prebuilds of other platforms, installers, test data.",
  why: "It does no harm until something runs it; it shows that a build mixed platforms.",
  example: "COPY build/ /opt/app/",
  fix: "Copy only what the platform needs, or waive the path with the reason why it is there.",
};
