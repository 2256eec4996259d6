/**
 * What the kernel does with a program that is executed: binary or script, its interpreter, and the words of its refusal
 * (execve(2); Linux `fs/exec.c`, `fs/binfmt_elf.c`, `fs/binfmt_script.c`).
 */
import type { Elf } from "../../binary/elf/elf.ts";
import { elfName } from "../../binary/elf/header.ts";
import { fileHeaderBytes, pageBytes } from "../../binary/elf/layout.ts";
import { isLoader } from "../../binary/loader-directories.ts";
import { readShebang } from "../../binary/script.ts";
import { machineOf } from "../../platform/machine.ts";
import { formatPlatform } from "../../platform/platform.ts";
import { absolutePath, type Container } from "../container.ts";
import { type MachineFit, machineFit } from "../machine.ts";
import { mayAccess, mayBeStarted, mayReach } from "../user.ts";
import {
  busError,
  type Refused,
  refused,
  type RefusalRule,
  type Running,
  segmentationFault,
  type Undecided,
  undecided,
} from "./outcome.ts";
import type { Located } from "./search.ts";

/** How many interpreters the kernel follows after the first file (`exec_binprm`). */
const mostInterpreters = 5;

/** Executes a file with those arguments, the first being its name; `scripts` led there. */
export function execute(
  container: Container,
  located: Located,
  argv: readonly string[],
  scripts: readonly Located[] = [],
): Running | Refused | Undecided {
  if (!mayExecute(container, located)) return denied(located, scripts.at(-1));
  const { content } = located.node.entry;
  if (content?.kind === "elf")
    return executeElf(container, located, content.elf, { args: argv, scripts });
  const unread = unreadHeader(located);
  if (unread !== undefined) return unread;
  const shebang = content?.kind === "script" ? readShebang(content.head) : undefined;
  if (shebang === undefined) return formatRefused(located);
  const { interpreter, argument } = shebang;
  if (scripts.length === mostInterpreters)
    return interpreterRefused(located, interpreter, "too many levels of symbolic links");
  const next = openInterpreter(container, interpreter);
  if (typeof next === "string") return interpreterRefused(located, interpreter, next);
  const args = [interpreter, ...(argument === undefined ? [] : [argument]), ...argv];
  return execute(container, next, args, [...scripts, located]);
}

/** The kernel does not read class and byte order, without which nothing else can be read here. */
function unreadHeader(located: Located): Undecided | undefined {
  const { content } = located.node.entry;
  return content?.kind === "damaged-elf" && /^its (?:class|byte order)/.test(content.problem)
    ? undecided(located, `The ELF header of ${located.path} is damaged: ${content.problem}.`)
    : undefined;
}

/** The kernel says the same of a script's interpreter, of which the runtime knows nothing. */
function denied(at: Located, script: Located | undefined): Refused {
  const { entry } = at.node;
  const message =
    entry.type === "file"
      ? `${at.path} may not be executed (mode ${entry.mode.toString(8).padStart(4, "0")}).`
      : `${at.path} is no file (${entry.type}).`;
  const errno = "permission denied";
  if (script === undefined) return refused("entrypoint-permission", at, message, errno);
  const read = `${script.path} is read by ${at.path}. ${message}`;
  return refused("entrypoint-interpreter", at, read, errno);
}

function mayExecute({ user, tree, isDropped }: Container, { path, node }: Located): boolean {
  if (!mayBeStarted(node.entry)) return false;
  return (
    isDropped !== true || (mayAccess(user, node.entry, "execute") && mayReach(user, tree, path))
  );
}

/** The file that execve opens by that name, or errno in words. */
function openInterpreter(container: Container, name: string): Located | string {
  const found = container.tree.lookup(absolutePath(container, name));
  switch (found.outcome) {
    case "found":
      return found;
    case "missing":
      return "no such file or directory";
    case "not-a-directory":
      return "not a directory";
    case "loop":
      return "too many levels of symbolic links";
  }
}

function interpreterRefused(at: Located, wants: string, errno: string): Refused {
  const message =
    errno === "too many levels of symbolic links"
      ? `${at.path} is a script of a script of a script: the kernel does not follow that many.`
      : `${at.path} is read by ${JSON.stringify(wants)}, which is not in the image.`;
  return { ...refused("entrypoint-interpreter", at, message, errno), wants };
}

function formatRefused(at: Located, why?: string): Refused {
  const { entry } = at.node;
  const problem = entry.content?.kind === "damaged-elf" ? entry.content.problem : why;
  const what =
    problem !== undefined
      ? `is no program that a kernel reads: ${problem}`
      : entry.size === 0
        ? "is empty"
        : "is neither an ELF program nor a script with a #! line";
  return refused("entrypoint-format", at, `${at.path} ${what}.`, "exec format error");
}

function executeElf(
  container: Container,
  at: Located,
  elf: Elf,
  { args, scripts }: { readonly args: readonly string[]; readonly scripts: readonly Located[] },
): Running | Refused | Undecided {
  const { platform } = container;
  const fit = machineFit(elf, platform);
  if (fit === "no") {
    const message = `${at.path} is made for ${elfName(elf)} (${elf.bits} bits), the image for ${formatPlatform(platform)} (${machineOf(platform)}).`;
    return refused("entrypoint-machine", at, message, "exec format error");
  }
  // Whose header contradicts itself was read in a way that no kernel reads it.
  if (fit !== "contradictory" && elf.startProblem !== undefined)
    return formatRefused(at, elf.startProblem);
  const doubt = fit === "contradictory" ? "none" : libraryDoubt(at, elf);
  if (doubt === "certain") return libraryStarted(at);
  if (isCutShort(elf)) return cutShort(at, elf);
  const unproven = [...doubtsOf(at, elf, fit, container), ...(doubt === "none" ? [] : [doubt])];
  const running: Running = {
    outcome: "running",
    located: at,
    elf,
    name: args[0] ?? at.path,
    argv: args,
    scripts,
    unproven,
  };
  return elf.interpreter === undefined
    ? running
    : withInterpreter(container, running, elf.interpreter);
}

/**
 * Whether it is a library and no program, or why it may be one: the kernel starts it all the same, at address 0 of it. One that needs
 * libraries and names no loader cannot get them; a static program that can be moved says that it is one (`DF_1_PIE`), a loader
 * is known by its name.
 */
function libraryDoubt({ path }: Located, elf: Elf): "certain" | "none" | `${string}.` {
  const { type, interpreter, dynamic, lacksEntry = false } = elf;
  if (interpreter !== undefined) return "none";
  if (dynamic === undefined || dynamic.needed.length === 0) {
    if (lacksEntry) return `${path} may be a library: its entry is not in its code.`;
    const isProgram = dynamic === undefined || type !== "shared" || dynamic.isPie || isLoader(path);
    return isProgram ? "none" : `${path} may be a library: it names no loader.`;
  }
  if (isLoader(path)) return "none";
  const isNamed = type !== "shared" || dynamic.isPie;
  return isNamed ? `${path} needs libraries, and names no loader that would load them.` : "certain";
}

function libraryStarted(at: Located): Refused {
  const message = `${at.path} is a library: it needs others, and names no loader that would load them.`;
  return refused("entrypoint-format", at, message, segmentationFault);
}

/** Whether pages of what it loads are missing. Where its tables contradict each other nobody knows. */
export function isCutShort({ missingBytes = 0, contradiction }: Elf): boolean {
  return missingBytes >= pageBytes && contradiction === undefined;
}

/** The kernel maps it all the same, and whoever touches what is not there is killed (`SIGBUS`). */
function cutShort(at: Located, { missingBytes: missing = 0 }: Elf): Refused {
  const message = `${at.path} is cut short: ${missing} bytes that it loads are missing.`;
  return refused("entrypoint-format", at, message, busError);
}

function doubtsOf(
  { path }: Located,
  { bits, packer }: Elf,
  fit: MachineFit,
  { platform }: Container,
): readonly string[] {
  if (packer !== undefined)
    return [
      `${path} is packed by ${packer}: which loader and libraries the program in it needs is not known.`,
    ];
  if (fit === "contradictory")
    return [`The ELF header of ${path} contradicts itself: whether it runs depends on the kernel.`];
  return fit === "perhaps"
    ? [
        `${path} is a ${bits}-bit program: whether every kernel of ${formatPlatform(platform)} runs it is not known.`,
      ]
    : [];
}

/** The kernel opens the loader itself, and refuses the program where it cannot use it (`load_elf_binary`). */
function withInterpreter(
  container: Container,
  running: Running,
  name: string,
): Running | Refused | Undecided {
  const { located } = running;
  const refusedFor = (rule: RefusalRule, why: string, errno: string): Refused => {
    const message = `${located.path} is started by the loader ${name}, which ${why}.`;
    return { ...refused(rule, located, message, errno), wants: name };
  };
  const found = openInterpreter(container, name);
  if (typeof found === "string") return refusedFor("loader-missing", "is not in the image", found);
  const { entry } = found.node;
  if (!mayExecute(container, found))
    return refusedFor("loader-unusable", "may not be executed", "permission denied");
  if (entry.size < fileHeaderBytes(running.elf.bits))
    return refusedFor("loader-unusable", "is too short", "input/output error");
  const unread = unreadHeader(found);
  if (unread !== undefined) return unread;
  const elf = entry.content?.kind === "elf" ? entry.content.elf : undefined;
  if (elf === undefined || !isOfMachine(elf, running.elf)) {
    const what = elf === undefined ? "is no ELF file" : `is made for ${elfName(elf)}`;
    return refusedFor("loader-unusable", what, "accessing a corrupted shared library");
  }
  const doubt = loaderDoubt(elf, running.elf);
  return doubt === undefined
    ? { ...running, interpreter: { ...found, elf } }
    : undecided(found, `${located.path} is started by the loader ${name}, ${doubt}.`);
}

/**
 * Whether the kernel finds the program's machine in the loader's header (`elf_check_arch` of the handler that takes the program): it
 * reads it in its own byte order, whatever the header says of that.
 */
function isOfMachine({ machine, littleEndian }: Elf, program: Elf): boolean {
  if (littleEndian === program.littleEndian) return machine === program.machine;
  return ((machine & 0xff) << 8) + (machine >> 8) === program.machine;
}

/** Why it cannot be told what comes of a loader that the kernel takes. */
function loaderDoubt(elf: Elf, program: Elf): string | undefined {
  if (elf.bits !== program.bits || elf.littleEndian !== program.littleEndian)
    return "whose header names another class or byte order, of which the kernel takes no notice";
  if (elf.type !== "shared" && elf.type !== "executable")
    return "which is neither a program nor a shared object";
  return elf.dynamic === undefined ? "which has no dynamic section" : undefined;
}
