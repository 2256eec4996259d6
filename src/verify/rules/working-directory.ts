/** The directory that the image starts in. */
import type { Rule } from "./rule.ts";

export const workingDirectory: Rule = {
  id: "working-directory",
  title: "The image cannot start in its working directory",
  what: "Looks at `WORKDIR`: an absolute path, and no file on its way. One that is not there is made by the engine.",
  why: "The engine refuses to start the container: `Cwd must be an absolute path`, `Cannot mkdir: /srv is not a directory`.",
  example: "COPY app /srv\nWORKDIR /srv",
  fix: "Name an absolute path that is a directory, or is not there yet.",
};
