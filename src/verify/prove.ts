/** The proof of one platform of an image: what starts, what it loads, and what else in it is for another machine. */
import type { ElfSymbols } from "../binary/elf/symbols.ts";
import type { Node, Tree } from "../filesystem/tree.ts";
import type { PlatformImage } from "../image/image.ts";
import type { Platform } from "../platform/platform.ts";
import { type Container, containerOf } from "./container.ts";
import type { CpuLevel } from "./cpu.ts";
import { fileFindings } from "./files.ts";
import type { Finding, Unproven } from "./finding.ts";
import { loadFinding } from "./loader/findings.ts";
import type { Load } from "./loader/load.ts";
import { createLoader, type Loader } from "./loader/loader.ts";
import { checkProcessor } from "./loader/processor.ts";
import { checkSymbols } from "./loader/symbols.ts";
import { type Origin, originsOf } from "./origin.ts";
import { pathPrograms } from "./path-programs.ts";
import { workingDirectory } from "./rules/working-directory.ts";
import { userMissing as userRule } from "./rules/user-missing.ts";
import { startFindings } from "./start/findings.ts";
import { type Start, startsOf } from "./start/start.ts";

export interface ProofInput {
  readonly image: Pick<PlatformImage, "manifest" | "config">;
  readonly platform: Platform;
  readonly tree: Tree;
  readonly cpu?: CpuLevel;
  /** The symbols of a file of the tree; `undefined` where they were not kept. */
  symbolsOf(node: Node): Promise<ElfSymbols | undefined>;
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
  const { image, platform, tree, cpu } = input;
  const { config } = image.config;
  const origins = originsOf(image);
  const { container, userMissing } = containerOf(tree, config, {
    platform,
    ...(cpu === undefined ? {} : { cpu }),
  });
  const loader = createLoader(container);
  const starts = startsOf(container, config);
  const started = await Promise.all(
    starts.map(async (start) => await proveStart(start, { container, loader, origins, input })),
  );
  const onPath = pathPrograms(container, loader, origins);
  const reached = new Set([
    ...starts.flatMap(pathsOf),
    ...started.flatMap((one) => one.reached),
    ...onPath.reached,
  ]);
  const programs = started.flatMap((one) => one.programs);
  const isStarted = new Set(starts.flatMap(pathsOf));
  return {
    findings: [
      ...(userMissing === undefined ? [] : [userFinding(userMissing)]),
      ...directoryFindings(tree, config.WorkingDir ?? ""),
      ...started.flatMap((one) => one.findings),
      ...onPath.findings.filter(({ path = "" }) => !isStarted.has(path)),
      ...fileFindings(container, {
        reached,
        origins,
        programs: programs.map((one) => one.path),
      }),
    ],
    unproven: [
      ...(starts.some(({ role }) => role === "entrypoint")
        ? []
        : ["The image names no program to start (no ENTRYPOINT, no CMD)."]),
      ...started.flatMap((one) => one.unproven),
    ],
    programs,
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
  /** The paths of programs and libraries that it loads. */
  readonly reached: readonly string[];
}

interface StartContext {
  readonly container: Container;
  readonly loader: Loader;
  readonly origins: readonly Origin[];
  readonly input: ProofInput;
}

/** One start: each program on its way, loaded as its loader would. */
async function proveStart(start: Start, context: StartContext): Promise<ProvenStart> {
  const { loader, origins } = context;
  const running = start.steps.filter((step) => step.outcome === "running");
  const severity = start.role === "entrypoint" ? "error" : "warning";
  const proven = await Promise.all(
    running.map(async (step) => {
      const load = loader.load(step);
      const { problems, lazy, unproven } = await proveLoad(load, context);
      return { step, load, problems, lazy, unproven };
    }),
  );
  return {
    findings: [
      ...startFindings(start, origins),
      ...proven.flatMap(({ problems }) =>
        problems.map((problem) => loadFinding(problem, severity, origins)),
      ),
      ...proven.flatMap(({ lazy }) =>
        lazy.map((problem) => loadFinding(problem, "warning", origins)),
      ),
    ],
    unproven: proven.flatMap(({ step, load, unproven }) =>
      [step.unproven, load.unproven, unproven].flat(),
    ),
    programs: start.steps.flatMap(startedProgram),
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

/** Beyond the libraries: processor and symbols. The loader ends at the first of these that is wrong. */
async function proveLoad(load: Load, { container, input }: StartContext) {
  const { problems: before } = load;
  const isEnded = before.some(({ rule }) => rule !== "cpu-level");
  const processor = isEnded ? { problems: [], unproven: [] } : checkProcessor(container, load);
  const problems = [...before, ...processor.problems];
  const nothing = { problems, lazy: [], unproven: processor.unproven };
  if (problems.length > 0 || load.loader === "none") return nothing;
  const symbols = new Map(
    await Promise.all(
      load.objects.map(async (object) => [object, await input.symbolsOf(object.node)] as const),
    ),
  );
  const checked = checkSymbols(load, (object) => symbols.get(object), container.environment);
  return {
    problems: checked.problems,
    lazy: checked.lazy,
    unproven: [...processor.unproven, ...checked.unproven],
  };
}
