/** Native files that nothing runs by name: modules that an interpreter picks, and what lies about for other machines. */
import { archiveFindings } from "./archives.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { Container } from "./container.ts";
import { evidenceOf, type Finding, type Unproven } from "./finding.ts";
import { isMeantThere, type NativeFile, nativeFile } from "./foreign.ts";
import type { Loader } from "./loader/loader.ts";
import { checkModules, interpreterOf, type ModulesCheck } from "./modules.ts";
import { type Origin, originOf } from "./origin.ts";
import { platformReader } from "./platform-words.ts";
import { fileMachine } from "./rules/file-machine.ts";
import { pathMachine } from "./rules/path-machine.ts";
import type { Running } from "./start/outcome.ts";

export interface FilesOptions {
  /** Paths that were judged already. */
  readonly reached: ReadonlySet<string>;
  readonly origins: readonly Origin[];
  readonly loader: Loader;
  /** What the image starts. */
  readonly started: readonly Running[];
}

/** More directories than this are counted and not named. */
const mostFindings = 40;

export function checkFiles(container: Container, options: FilesOptions): ModulesCheck {
  const reading = { platform: container.platform, namedBy: platformReader() };
  const modules: NativeFile[] = [];
  const archives: Finding[] = [];
  const others = new Map<string, NativeFile[]>();
  for (const { path, node } of container.tree.files()) {
    const { content } = node.entry;
    if (content === undefined || options.reached.has(path)) continue;
    if (content.kind === "archive") {
      const { platform } = container;
      archives.push(...archiveFindings(path, node, content, { ...options, platform }));
      continue;
    }
    const file = nativeFile(path, node, reading);
    if (file === undefined) continue;
    const isModule = interpreterOf(file) !== undefined;
    if (isModule && !(file.contradicts && file.isOwn)) {
      modules.push(file);
      continue;
    }
    if (!(file.isForeign || file.contradicts) || isMeantThere(file)) continue;
    const key = [file.contradicts, file.madeFor, node.layer, directoryOf(path)].join("\0");
    const beside = others.get(key);
    if (beside === undefined) others.set(key, [file]);
    else beside.push(file);
  }
  const grouped = [...others.values()].map((files) => groupFinding(container, files, options));
  const { platform } = container;
  const opened = checkModules(modules, { ...options, platform });
  return {
    findings: [...limited(opened.findings), ...limited(archives), ...limited(grouped)],
    unproven: limitedTexts(opened.unproven),
  };
}

/** The files of one directory, layer and machine, as one finding. */
function groupFinding(
  { platform }: Container,
  files: readonly NativeFile[],
  { origins }: FilesOptions,
): Finding {
  const [first, ...more] = files;
  if (first === undefined) throw new TypeError("a group has at least one file");
  const { path, node, madeFor, contradicts, named } = first;
  const rule = contradicts ? pathMachine : fileMachine;
  const also = more.length === 0 ? "" : ` and ${more.length} more beside it`;
  const is = more.length === 0 ? "is" : "are";
  return {
    rule: rule.id,
    severity: "warning",
    message: contradicts
      ? `${path}${also} ${is} made for ${madeFor}; the path says ${named?.words}.`
      : `${path}${also} ${is} made for ${madeFor}, the image for ${formatPlatform(platform)}.`,
    path,
    ...originOf(origins, node),
    evidence: evidenceOf(files),
    fix: rule.fix,
  };
}

function limited(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostFindings) return findings;
  const kept = findings.slice(0, mostFindings);
  const last = kept.at(-1);
  if (last === undefined) return kept;
  const more = findings.length - mostFindings;
  // A refutation must not hide behind a count.
  const isError = findings.slice(mostFindings).some(({ severity }) => severity === "error");
  return [
    ...kept.slice(0, -1),
    {
      ...last,
      severity: isError ? "error" : last.severity,
      message: `${last.message} ${more} more findings of this kind are not listed.`,
    },
  ];
}

function limitedTexts(texts: readonly Unproven[]): readonly Unproven[] {
  const more = texts.length - mostFindings;
  return more <= 0 ? texts : [...texts.slice(0, mostFindings), `${more} more of this kind.`];
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
