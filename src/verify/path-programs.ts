/** The executables in the directories of PATH: whoever is in the container may run them. */
import { elfName } from "../binary/elf/header.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { Container } from "./container.ts";
import type { Finding } from "./finding.ts";
import { loadFinding } from "./loader/findings.ts";
import type { Loader } from "./loader/loader.ts";
import { type Origin, originOf } from "./origin.ts";
import { programMachine } from "./rules/program-machine.ts";
import { execute } from "./start/execute.ts";
import type { Located } from "./start/search.ts";

export interface PathPrograms {
  readonly findings: readonly Finding[];
  /** The paths of the programs that run, and of their libraries. */
  readonly reached: readonly string[];
}

export function pathPrograms(
  container: Container,
  loader: Loader,
  origins: readonly Origin[],
): PathPrograms {
  const findings: Finding[] = [];
  const reached = new Set<string>();
  for (const { name, located } of executables(container)) {
    const executed = execute(container, located, [name]);
    reached.add(located.path);
    if (executed.outcome === "undecided") continue;
    if (executed.outcome === "refused") {
      if (executed.rule === "entrypoint-machine")
        findings.push(wrongMachine(container, located, name, origins));
      continue;
    }
    const { objects, problems } = loader.load(executed);
    for (const { path } of objects) reached.add(path);
    for (const problem of problems) findings.push(loadFinding(problem, "warning", origins));
  }
  return { findings, reached: [...reached] };
}

/** Each binary once, by the name that PATH gives it first; scripts are as good as their interpreters, which are here too. */
function* executables({
  tree,
  environment,
}: Container): Generator<{ readonly name: string; readonly located: Located }> {
  const seen = new Set<string>();
  for (const directory of new Set((environment.get("PATH") ?? "").split(":"))) {
    if (!directory.startsWith("/")) continue;
    for (const [file] of tree.list(directory)) {
      const name = `${directory.replace(/\/+$/, "")}/${file}`;
      const located = tree.lookup(name);
      if (located.outcome !== "found" || seen.has(located.path)) continue;
      seen.add(located.path);
      const { entry } = located.node;
      const isProgram = entry.type === "file" && (entry.mode & 0o111) !== 0;
      if (isProgram && entry.content?.kind === "elf") yield { name, located };
    }
  }
}

function wrongMachine(
  { platform }: Container,
  { path, node }: Located,
  name: string,
  origins: readonly Origin[],
): Finding {
  const { content } = node.entry;
  const made = content?.kind === "elf" ? elfName(content.elf) : "another machine";
  return {
    rule: programMachine.id,
    severity: "error",
    message: `${path}, on PATH, is made for ${made}, the image for ${formatPlatform(platform)}.`,
    path,
    ...originOf(origins, node),
    prediction: `exec ${name}: exec format error`,
    fix: programMachine.fix,
  };
}
