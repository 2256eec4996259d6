/** Executables on PATH are for the platform's machine. */
import type { Rule } from "./rule.ts";

export const programMachine: Rule = {
  id: "program-machine",
  title: "An executable on PATH is made for another machine",
  what: "Looks at every executable in the directories of PATH.",
  why: "Whoever runs it gets `exec format error`: a helper, an init, a health check that was downloaded for the wrong machine.",
  example: "RUN curl -Lo /usr/local/bin/gosu https://…/gosu-amd64",
  fix: "Download it by $TARGETARCH, or take it from the distribution.",
};
