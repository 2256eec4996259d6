/** The program that the image starts is a program. */
import type { Rule } from "./rule.ts";

export const entrypointFormat: Rule = {
  id: "entrypoint-format",
  title: "The program that the image starts is no program",
  what: "The file is empty, a text without a #! line (or with a byte order mark before it), or an ELF file that no kernel reads.",
  why: "The kernel refuses it: `exec format error`. A shell would run such a text; a container has no shell in between.",
  example: 'echo hello > /run.sh\nENTRYPOINT ["/run.sh"]',
  fix: "Begin the script with a line such as #!/bin/sh, without a byte order mark before it.",
};
