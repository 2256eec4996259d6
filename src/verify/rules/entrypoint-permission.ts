/** The program that the image starts may be executed. */
import type { Rule } from "./rule.ts";

export const entrypointPermission: Rule = {
  id: "entrypoint-permission",
  title: "The program that the image starts may not be executed by its user",
  what: "Reads mode, owner and group of the program and of the directories that lead to it, for the user that the image names.",
  why: "The kernel refuses it: `permission denied`. Copying from a Windows machine or a zip archive loses the execute bit.",
  example: 'COPY entrypoint.sh /\nENTRYPOINT ["/entrypoint.sh"]',
  fix: "Make it executable in the Dockerfile: COPY --chmod=755 entrypoint.sh /",
};
