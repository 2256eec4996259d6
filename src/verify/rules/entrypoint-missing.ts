/** The program that the image starts is there. */
import type { Rule } from "./rule.ts";

export const entrypointMissing: Rule = {
  id: "entrypoint-missing",
  title: "The program that the image starts is not in it",
  what: "Looks for the first word of ENTRYPOINT and CMD as runc does: a path through links and working directory, a name in the PATH of the image. Follows what sh -c, env, tini, dumb-init and gosu start in turn.",
  why: 'runc refuses to start the container: `exec: "app": executable file not found in $PATH`, `exec: "/app": stat /app: no such file or directory`.',
  example: 'COPY app /usr/bin/app\nENTRYPOINT ["/app"]',
  fix: "Check ENTRYPOINT and CMD against what the COPY and RUN lines put where.",
};
