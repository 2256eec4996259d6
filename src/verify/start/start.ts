/** What runs when a container of the image starts: the program of ENTRYPOINT and CMD, and those that it starts in turn. */
import type { ImageConfig } from "../../oci/document.ts";
import { absolutePath, type Container } from "../container.ts";
import { execute } from "./execute.ts";
import type { Refused, Running, Undecided } from "./outcome.ts";
import { type ScriptProblem, scriptProblem } from "./script.ts";
import { searchProgram } from "./search.ts";
import { notFoundSentence, type Successor, successorOf } from "./successor.ts";

/** One program on the way, or the reason why there is none. */
export type StartStep =
  | (Running & { readonly by: StartedBy })
  | (Refused & { readonly by: StartedBy; readonly name: string })
  | (Undecided & { readonly by: StartedBy; readonly name: string })
  /** It runs, and ends at once: it cannot read what it is given. */
  | ({ readonly outcome: "failed"; readonly by: StartedBy; readonly name: string } & ScriptProblem)
  | {
      readonly outcome: "absent";
      readonly by: StartedBy;
      readonly name: string;
      /** What will be printed; absent where that depends. */
      readonly sentence?: string;
      readonly isDenied: boolean;
    };

/** `runtime`: runc starts it. */
type StartedBy = "runtime" | Successor["by"];

export interface Start {
  readonly role: "entrypoint" | "healthcheck";
  readonly argv: readonly string[];
  readonly steps: readonly StartStep[];
}

/** A shell that runs env that runs a script …: more than this nobody builds. */
const mostSteps = 8;

/** The starts that an image's config asks for; none of ENTRYPOINT and CMD gives none. */
export function startsOf(container: Container, config: ImageConfig["config"]): readonly Start[] {
  const entrypoint = [...config.Entrypoint, ...config.Cmd];
  const health = healthcheckOf(config);
  return [
    ...(entrypoint[0] === undefined || entrypoint[0] === ""
      ? []
      : [startOf(container, "entrypoint", entrypoint)]),
    ...(health === undefined ? [] : [startOf(container, "healthcheck", health)]),
  ];
}

/** `Test` as the engine reads it (moby, `daemon/health.go`): NONE, CMD and CMD-SHELL. */
function healthcheckOf({ Healthcheck }: ImageConfig["config"]): readonly string[] | undefined {
  const [kind, ...rest] = Healthcheck?.Test ?? [];
  if (kind === "CMD" && rest[0] !== undefined) return rest;
  return kind === "CMD-SHELL" && rest[0] !== undefined ? ["/bin/sh", "-c", rest[0]] : undefined;
}

function startOf(container: Container, role: Start["role"], argv: readonly string[]): Start {
  const steps: StartStep[] = [];
  const [name = ""] = argv;
  const found = searchProgram(container, name);
  if (found.outcome !== "found") {
    const isDenied = found.outcome === "denied";
    const step = {
      outcome: "absent",
      by: "runtime",
      name,
      sentence: found.sentence,
      isDenied,
    } as const;
    return { role, argv, steps: [step] };
  }
  const args = [found.name, ...argv.slice(1)];
  const first = execute(container, found.located, args);
  steps.push(stepOf(first, "runtime", found.name));
  let [at, place] = [first, container];
  while (at.outcome === "running" && steps.length < mostSteps) {
    const failure = scriptProblem(container, at);
    if (failure !== undefined) {
      steps.push({
        ...failure,
        outcome: "failed",
        by: steps.at(-1)?.by ?? "runtime",
        name: at.name,
      });
      break;
    }
    const successor = successorOf(at);
    if (successor === undefined) break;
    place = { ...inDirectory(place, successor), isDropped: true };
    const next = follow(place, at, successor);
    if (next === undefined) break;
    steps.push(next);
    if (next.outcome === "absent" || next.outcome === "failed") break;
    at = next;
  }
  return { role, argv, steps };
}

function inDirectory(container: Container, { workingDirectory }: Successor): Container {
  return workingDirectory === undefined
    ? container
    : { ...container, workingDirectory: absolutePath(container, workingDirectory) };
}

function follow(
  container: Container,
  running: Running,
  successor: Successor,
): StartStep | undefined {
  const [name = ""] = successor.argv;
  const found = searchProgram(container, name);
  if (found.outcome !== "found") {
    if (!successor.isCertain) return undefined;
    const sentence =
      found.outcome === "missing" ? notFoundSentence(successor, running, container) : undefined;
    return {
      outcome: "absent",
      by: successor.by,
      name,
      isDenied: found.outcome === "denied",
      ...(sentence === undefined ? {} : { sentence }),
    };
  }
  const executed = execute(container, found.located, [found.name, ...successor.argv.slice(1)]);
  if (executed.outcome === "refused") {
    // A shell reads what the kernel does not take for a program itself.
    if (successor.by === "shell" && executed.rule === "entrypoint-format") return undefined;
    // An argument that happens to be a file is no program yet.
    if (!successor.isCertain && executed.rule !== "entrypoint-machine") return undefined;
  }
  return stepOf(executed, successor.by, found.name);
}

function stepOf(executed: Running | Refused | Undecided, by: StartedBy, name: string): StartStep {
  return executed.outcome === "running" ? { ...executed, by } : { ...executed, by, name };
}
