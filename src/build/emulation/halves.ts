/** A RUN that installs packages first and does something else then, as the two that it should be. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { files } from "./families/files.ts";
import { packages } from "./families/packages.ts";
import { type Program, programOf } from "./program.ts";
import { readScript } from "./script.ts";
import type { ShellCommand } from "../../shell/commands.ts";
import type { Situation } from "./treatment.ts";

/** Where package managers keep what they know of packages. */
const lists = /^\/var\/(?:lib\/apt\/lists|cache)\b/;

/** Both halves, or the RUN as it is where it cannot be parted without a change of what it does. */
export function halves(run: Instruction): readonly Instruction[] {
  if (run.keyword !== "RUN" || run.isExecForm || run.heredocs.length > 0) return [run];
  const { commands: all, isComplete } = readScript(run);
  const commands = all.filter(({ depth }) => depth === 0);
  const isFlat = all.every(({ start, end }) =>
    commands.some((one) => one.start <= start && end <= one.end),
  );
  const assigns = commands.some(
    ({ assignments, words }) => assignments.length > 0 && words.length === 0,
  );
  if (!isComplete || !isFlat || assigns) return [run];
  const kindsOf = commands.map((command) => kindOf(command));
  const lastInstall = kindsOf.lastIndexOf("install");
  const firstOther = kindsOf.indexOf("other");
  if (lastInstall === -1 || firstOther <= lastInstall) return [run];
  const second = commands[firstOther];
  const first = commands[firstOther - 1];
  if (second === undefined || first === undefined || !["&&", ";"].includes(second.before))
    return [run];
  if (
    commands
      .slice(0, firstOther)
      .some(({ words }) => /^(?:cd|export|pushd|trap)$/.test(words[0]?.text ?? ""))
  )
    return [run];
  const setting =
    commands[0]?.words[0]?.text === "set"
      ? `${commands[0].words.map(({ text }) => text).join(" ")}; `
      : "";
  // What tidies up after the packages belongs to them.
  const cleaning = commands
    .slice(firstOther)
    .filter(({ words }) => words[0]?.text === "rm" && words.some(({ text }) => lists.test(text)))
    .map(({ start, end }) => run.text.slice(start, end));
  return [
    { ...run, text: [run.text.slice(0, first.end), ...cleaning].join(" && ") },
    { ...run, text: setting + run.text.slice(second.start) },
  ];
}

function kindOf(command: ShellCommand): "install" | "plain" | "other" {
  const program = programOf(command);
  if (program === undefined) return "plain";
  if (packages(program, anywhere) !== undefined) return "install";
  return isFiles(program) ? "plain" : "other";
}

function isFiles(program: Program): boolean {
  return files(program, anywhere) !== undefined;
}

/** What is asked here does not depend on where it runs. */
const anywhere: Situation = {
  platform: { os: "linux", architecture: "amd64" },
  platforms: [],
  image: "",
  distribution: "other",
  isSplit: false,
  directory: undefined,
  environment: new Map(),
  earlier: [],
  later: [],
  isCarriedOut: () => false,
  isUsedOnBuilder: () => false,
};
