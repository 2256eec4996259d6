/** The proof of one platform of an image: what starts, what it loads, and what else in it is for another machine. */
import type { Node, Tree } from "../filesystem/tree.ts";
import type { PlatformImage } from "../image/image.ts";
import type { containerOf } from "./container.ts";
import { checkFiles } from "./files.ts";
import type { Finding, Unproven } from "./finding.ts";
import { checkLoad, loaderDoubts, type SymbolsOf } from "./loader/check.ts";
import { loadFinding } from "./loader/findings.ts";
import { createLoader, type Loader } from "./loader/loader.ts";
import { type Origin, originsOf } from "./origin.ts";
import { pathPrograms } from "./path-programs.ts";
import { workingDirectory } from "./rules/working-directory.ts";
import { userMissing as userRule } from "./rules/user-missing.ts";
import type { Running } from "./start/outcome.ts";
import { startFindings } from "./start/findings.ts";
import { type Start, startsOf } from "./start/start.ts";

export interface ProofInput extends ReturnType<typeof containerOf> {
  readonly image: Pick<PlatformImage, "manifest" | "config">;
  /** The symbols of a file of the tree; `undefined` where they were not kept. */
  readonly symbolsOf: SymbolsOf;
}

export interface Proof {
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
  /** The binaries that the image starts, the entrypoint's first. */
  readonly programs: readonly StartedProgram[];
}

export interface StartedProgram {
  readonly path: string;
  readonly node: Node;
  /** Whether the kernel takes it. */
  readonly isRunning: boolean;
  /** What tells it from every other program: its build ID, else its contents. */
  readonly identity?: string;
}

export async function prove(input: ProofInput): Promise<Proof> {
  const { image, container, userMissing } = input;
  const { config } = image.config;
  const origins = originsOf(image);
  const loader = createLoader(container);
  const starts = startsOf(container, config);
  const started = await Promise.all(
    starts.map(async (start) => await proveStart(start, { ...input, loader, origins })),
  );
  const onPath = pathPrograms(container, loader, origins);
  const judged = new Set(starts.flatMap(pathsOf));
  const reached = new Set([...judged, ...started.flatMap((one) => one.reached), ...onPath.reached]);
  const running = started.flatMap((one) => one.running);
  const files = checkFiles(container, { reached, origins, loader, started: running });
  return {
    findings: [
      ...(userMissing === undefined ? [] : [userFinding(userMissing)]),
      ...directoryFindings(container.tree, config.WorkingDir ?? ""),
      ...started.flatMap((one) => one.findings),
      ...onPath.findings.filter(({ path = "" }) => !judged.has(path)),
      ...files.findings,
    ],
    unproven: [
      ...(starts.some(({ role }) => role === "entrypoint")
        ? []
        : ["The image names no program to start (no ENTRYPOINT, no CMD)."]),
      ...started.flatMap((one) => one.unproven),
      ...files.unproven,
    ],
    programs: started.flatMap((one) => one.programs),
  };
}

function userFinding({
  name,
  sentence,
}: {
  readonly name: string;
  readonly sentence: string;
}): Finding {
  return {
    rule: userRule.id,
    severity: "error",
    message: `The image runs as ${name}, which is not in its /etc/passwd or /etc/group.`,
    prediction: sentence,
    fix: userRule.fix,
  };
}

/** The engine makes a directory that is not there, and nothing out of a file (runc, `validateCwd`; moby, `SetupWorkingDirectory`). */
function directoryFindings(tree: Tree, directory: string): readonly Finding[] {
  const { id, fix } = workingDirectory;
  const about = { rule: id, severity: "error" as const, path: directory, fix };
  if (directory !== "" && !directory.startsWith("/")) {
    const message = `The image starts in ${directory}, which is no absolute path.`;
    return [{ ...about, message, prediction: "Cwd must be an absolute path" }];
  }
  const found = tree.lookup(directory === "" ? "/" : directory);
  const isFile = found.outcome === "found" && found.node.entry.type !== "directory";
  if (!isFile && found.outcome !== "not-a-directory") return [];
  const message = `The image starts in ${directory}, and ${found.path} is no directory.`;
  return [{ ...about, message, prediction: "is not a directory" }];
}

/** The files that a start is about, whether they run or not: they are judged there. */
function pathsOf({ steps }: Start): readonly string[] {
  return steps.flatMap((step) => (step.outcome === "absent" ? [] : [step.located.path]));
}

interface ProvenStart {
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
  readonly programs: readonly StartedProgram[];
  readonly running: readonly Running[];
  /** The paths of programs and libraries that it loads. */
  readonly reached: readonly string[];
}

interface StartContext extends Pick<ProofInput, "container" | "symbolsOf"> {
  readonly loader: Loader;
  readonly origins: readonly Origin[];
}

/** One start: each program on its way, loaded as its loader would. */
async function proveStart(start: Start, context: StartContext): Promise<ProvenStart> {
  const { container, symbolsOf, loader, origins } = context;
  const running = start.steps.filter((step) => step.outcome === "running");
  const proven = await Promise.all(
    running.map(async (step) => {
      const load = loader.load(step);
      return { step, load, ...(await checkLoad(load, container, symbolsOf)) };
    }),
  );
  return {
    findings: [
      ...startFindings(start, origins),
      ...proven.flatMap(({ problems }) =>
        problems.map((problem) => loadFinding(problem, "error", origins)),
      ),
      ...proven.flatMap(({ lazy }) =>
        lazy.map((problem) => loadFinding(problem, "warning", origins)),
      ),
    ],
    unproven: [
      ...start.steps.flatMap((step) => (step.outcome === "undecided" ? [step.why] : [])),
      ...proven.flatMap(({ step, load, unproven }) =>
        [step.unproven, loaderDoubts(step), load.unproven, unproven].flat(),
      ),
    ],
    programs: start.steps.flatMap(startedProgram),
    running,
    reached: proven.flatMap(({ step, load }) =>
      [step.scripts, step.interpreter ?? [], load.objects].flat().map(({ path }) => path),
    ),
  };
}

/** A binary that is started, though the kernel may refuse it for its machine. */
function startedProgram(step: Start["steps"][number]): readonly StartedProgram[] {
  if (step.outcome === "absent") return [];
  const { path, node } = step.located;
  const { content } = node.entry;
  if (content?.kind !== "elf") return [];
  const { elf, fingerprint } = content;
  const identity = elf.buildId ?? elf.goBuildId ?? fingerprint;
  const about = { path, node, isRunning: step.outcome === "running" };
  return [identity === undefined ? about : { ...about, identity }];
}
