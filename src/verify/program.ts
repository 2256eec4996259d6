/**
 * The program that the image starts: is it there, may it be run, and is it made for the platform's machine?
 * The sentences are runc's (`libcontainer`, from Go's `os/exec`) and the kernel's (execve(2)).
 */
import { type ElfHeader, elfName, elfServes } from "../binary/elf/header.ts";
import { readShebang } from "../binary/script.ts";
import type { Node, Tree } from "../filesystem/tree.ts";
import type { ImageConfig } from "../oci/document.ts";
import { machineOf } from "../platform/machine.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { Finding, Unproven } from "./finding.ts";

export interface ProgramCheck {
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
  /** The path of the program that the kernel loads at last: the entrypoint, or the interpreter of its script. */
  readonly program?: string;
}

/** What the engine sets where the image has no PATH (moby, `oci/defaults`). */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How many interpreters the kernel follows (`fs/exec.c`, `exec_binprm`). */
const mostInterpreters = 5;

export function checkProgram(
  tree: Tree,
  config: ImageConfig["config"],
  platform: Platform,
  layers: readonly string[],
): ProgramCheck {
  const [name] = [...config.Entrypoint, ...config.Cmd];
  if (name === undefined || name === "") {
    return {
      findings: [],
      unproven: ["The image names no program to start (no ENTRYPOINT, no CMD)."],
    };
  }
  const found = findProgram(tree, name, config);
  if (typeof found === "string") {
    return { findings: [missing(name, found)], unproven: [] };
  }
  return follow(tree, found, {
    platform,
    layers,
    from: found.path,
    depth: 0,
    workingDirectory: config.WorkingDir,
  });
}

interface Located {
  readonly path: string;
  readonly node: Node;
}

/** The file that a name leads to, or the sentence that the runtime will print. */
function findProgram(tree: Tree, name: string, config: ImageConfig["config"]): Located | string {
  if (name.includes("/")) {
    const path = name.startsWith("/") ? name : `${config.WorkingDir ?? "/"}/${name}`;
    const found = tree.lookup(path);
    if (found.outcome === "found" && found.node.entry.type === "file") return found;
    const why = found.outcome === "found" ? "is a directory" : "no such file or directory";
    return found.outcome === "loop"
      ? `exec: "${name}": stat ${name}: too many levels of symbolic links`
      : `exec: "${name}": ${found.outcome === "found" ? why : `stat ${name}: ${why}`}`;
  }
  const variable = config.Env.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length);
  for (const directory of (variable ?? defaultPath).split(":")) {
    const found = tree.lookup(`${directory}/${name}`);
    if (found.outcome !== "found" || found.node.entry.type !== "file") continue;
    if ((found.node.entry.mode & 0o111) !== 0) return found;
  }
  return `exec: "${name}": executable file not found in $PATH`;
}

interface Following {
  readonly platform: Platform;
  readonly layers: readonly string[];
  /** The path that was executed first: the one that the kernel's sentence names. */
  readonly from: string;
  readonly depth: number;
  readonly workingDirectory: string | undefined;
}

/** What the kernel does with a file that is executed. */
function follow(tree: Tree, { path, node }: Located, way: Following): ProgramCheck {
  const { entry } = node;
  const about = aboutOf(path, node, way.layers);
  if ((entry.mode & 0o111) === 0) {
    return refuted({
      rule: "entrypoint-permission",
      severity: "error",
      message: `${path} may not be executed (mode ${entry.mode.toString(8).padStart(4, "0")}).`,
      prediction: `exec: "${way.from}": permission denied`,
      fix: `Make it executable in the Dockerfile: COPY --chmod=755, or RUN chmod +x ${path}`,
      ...about,
    });
  }
  const { content } = entry;
  if (content?.kind === "elf") return checkElf(path, content.elf, way, about);
  if (content?.kind === "damaged-elf") return checkElf(path, undefined, way, about);
  const shebang = content?.kind === "script" ? readShebang(content.head) : undefined;
  if (shebang === undefined) {
    const what =
      entry.size === 0 ? "is empty" : "is neither an ELF program nor a script with a #! line";
    return refuted({
      rule: "entrypoint-format",
      severity: "error",
      message: `${path} ${what}.`,
      prediction: `exec ${way.from}: exec format error`,
      fix: "Begin the script with a line such as #!/bin/sh, without a byte order mark before it.",
      ...about,
    });
  }
  const where = shebang.interpreter.startsWith("/")
    ? shebang.interpreter
    : `${way.workingDirectory ?? "/"}/${shebang.interpreter}`;
  const next = tree.lookup(where);
  if (next.outcome !== "found" || way.depth === mostInterpreters) {
    const isCarriageReturn = shebang.interpreter.endsWith("\r") || shebang.argument?.endsWith("\r");
    return refuted({
      rule: "entrypoint-interpreter",
      severity: "error",
      message: `${path} is read by ${JSON.stringify(shebang.interpreter)}, which is not in the image.`,
      prediction: `exec ${way.from}: no such file or directory`,
      fix:
        isCarriageReturn === true
          ? "The script has Windows line ends; convert it: sed -i 's/\\r$//' FILE"
          : `Install ${shebang.interpreter} in the image, or name an interpreter that is there.`,
      ...about,
    });
  }
  return follow(tree, next, { ...way, depth: way.depth + 1 });
}

function checkElf(
  path: string,
  header: ElfHeader | undefined,
  { platform, from }: Following,
  about: Partial<Finding>,
): ProgramCheck {
  if (header !== undefined && elfServes(header, platform)) {
    return {
      findings: [],
      unproven: [
        `What ${path} needs beyond itself (loader, libraries, CPU level) was not checked.`,
      ],
      program: path,
    };
  }
  const made =
    header === undefined ? "a damaged ELF header" : `${elfName(header)} (${header.bits} bits)`;
  return refuted({
    rule: "entrypoint-machine",
    severity: "error",
    message: `${path} is made for ${made}, the image for ${formatPlatform(platform)} (${machineOf(platform)}).`,
    prediction: `exec ${from}: exec format error`,
    evidence: `ELF header of ${path}`,
    fix: `Compile it for the target (ARG TARGETARCH), or copy it from a stage of the target's platform.`,
    ...about,
  });
}

function aboutOf(path: string, { layer }: Node, layers: readonly string[]): Partial<Finding> {
  const digest = layers[layer];
  return { path, ...(digest === undefined ? {} : { layer: digest }) };
}

function refuted(finding: Finding): ProgramCheck {
  return { findings: [finding], unproven: [] };
}

function missing(name: string, prediction: string): Finding {
  return {
    rule: "entrypoint-missing",
    severity: "error",
    message: `The program that the image starts, ${name}, is not in it.`,
    path: name,
    prediction,
    fix: "Check ENTRYPOINT and CMD of the Dockerfile against what its COPY and RUN lines put where.",
  };
}
