/** What is fetched by a name that has an architecture in it: by curl, wget and ADD, and packages by their files or by `name:arch`. */
import path from "node:path";
import type { Range } from "../../dockerfile/range.ts";
import { expand } from "../../dockerfile/variables.ts";
import { hole, type Field, stretchIn } from "../../shell/value.ts";
import { pathOf } from "../../dockerfile/directory.ts";
import { operandsOf, optionOf, type Program } from "../program.ts";
import { isAutomatic, Texts } from "../scope.ts";
import { programsOf } from "../step.ts";
import type { StageView, TargetView } from "../view.ts";

export interface Download {
  readonly stage: StageView;
  /** The address, or the name of the package's file, a hole for what is not known. */
  readonly text: string;
  /** Where a stretch of the text stands in the file. */
  readonly rangeOf: (start: number, end: number) => Range;
  /** The command whose answer that stretch is. */
  readonly askedIn: (start: number, end: number) => string | undefined;
  readonly isCertain: boolean;
  /** The program that fetches it; absent for ADD. */
  readonly program?: Program;
  /** The words that say where it goes; undefined where nobody can tell. */
  readonly outputs: readonly string[] | undefined;
}

export function downloadsIn(stage: StageView, { dockerfile }: TargetView): readonly Download[] {
  const programs = programsOf(stage);
  const fetched = programs.flatMap((program, at) => fetchedBy(program, programs[at + 1]));
  const added = stage.steps.flatMap(({ instruction, variables }): readonly Download[] => {
    if (instruction.keyword !== "ADD") return [];
    const to = instruction.arguments.at(-1)?.text;
    return instruction.arguments.slice(0, -1).flatMap((word) => {
      const { text, problem, unset } = expand(word.text, new Texts(variables), dockerfile.escape);
      if (problem !== undefined || !/^https?:\/\//.test(text)) return [];
      if ([...unset].some(isAutomatic)) return [];
      const own = { rangeOf: () => word.range, askedIn: () => undefined };
      return [
        { stage, text, ...own, isCertain: true, outputs: to === undefined ? undefined : [to] },
      ];
    });
  });
  const all = [...fetched, ...added];
  return all.filter((download) => !isFetched(download, all));
}

/** Whether it is the file that another one put there: what that is its address says, and not the name that it was given. */
function isFetched({ text }: Download, all: readonly Download[]): boolean {
  if (text.includes("://")) return false;
  const name = path.posix.basename(text);
  return all.some(
    (other) =>
      other.text.includes("://") &&
      other.outputs?.some((output) => path.posix.basename(output) === name) === true,
  );
}

const fetchers: ReadonlySet<string> = new Set(["curl", "wget", "aria2c", "http", "axel", "fetch"]);
const installers: ReadonlySet<string> = new Set(
  "apt apt-get dpkg rpm yum dnf microdnf zypper apk pip pip3 npm gdebi".split(" "),
);

function fetchedBy(program: Program, next: Program | undefined): readonly Download[] {
  const isFetcher = fetchers.has(program.name);
  if (!isFetcher && !installers.has(program.name)) return [];
  const words = program.args.filter(({ text }) =>
    isFetcher ? /^(?:https?|ftp):\/\//.test(text) : isPackage(text),
  );
  const listed = /^pip3?$/.test(program.name) ? requiredBy(program) : [];
  const named = words.map((field): Download => ({
    stage: program.step.stage,
    text: field.text,
    rangeOf: (start, end) => program.rangeOf(field, start, end),
    askedIn: (start, end) => askedIn(field, start, end),
    isCertain: program.isCertain,
    program,
    outputs: isFetcher ? outputsOf(program, field, next) : undefined,
  }));
  return [...named, ...listed];
}

/** The wheels that `pip install -r FILE` finds named by their files. What an environment marker chooses is left out (PEP 508). */
function requiredBy(program: Program): readonly Download[] {
  const option = optionOf(program, "-r", "--requirement");
  const place = pathOf(option?.text, program);
  const file = place === undefined ? undefined : program.step.fileAt(place);
  if (option === undefined || file === undefined) return [];
  const at = program.rangeOf(option.field, option.from);
  return file.text.split("\n").flatMap((line, index): readonly Download[] => {
    const text = wheelIn(line);
    if (text === undefined) return [];
    const own = {
      rangeOf: () => ({ ...at, within: `${file.path}:${index + 1}` }),
      askedIn: () => undefined,
    };
    const { isCertain } = program;
    return [{ stage: program.step.stage, text, ...own, isCertain, program, outputs: undefined }];
  });
}

/** `https://…/x.whl`, `name @ https://…/x.whl`, with a hash or a comment behind it. */
function wheelIn(line: string): string | undefined {
  const written = line.replace(/\s#.*$/, "").trim();
  return /^(?:[\w.[\],-]+\s*@\s*)?(\S+\.whl)(?:#\S*)?$/.exec(written)?.[1];
}

/** A package's file, here or elsewhere. */
function isPackage(text: string): boolean {
  return /\.(?:deb|rpm|apk|whl)$/.test(text) && !text.startsWith("-");
}

function outputsOf(
  program: Program,
  { text }: Field,
  next: Program | undefined,
): readonly string[] | undefined {
  const isPiped = next !== undefined && next.step === program.step && isUnpacking(next);
  const named = optionOf(
    program,
    program.name === "wget" ? "-O" : "-o",
    "--output",
    "--output-document",
  )?.text;
  if (isPiped && (named === undefined || named === "-")) {
    return [writtenTo(next) ?? optionOf(next, "-C", "--directory", "-d")?.text ?? "."];
  }
  if (named !== undefined && named !== "-") return [named];
  const to = writtenTo(program);
  if (to !== undefined) return [to];
  const isKept =
    program.name === "wget" ||
    program.args.some(({ text: word }) => /^-[a-zA-Z]*O$|^--remote-name$/.test(word));
  const name = text.split(/[?#]/)[0]?.split("/").at(-1) ?? "";
  return isKept && !name.includes(hole) ? [name] : undefined;
}

/** What its standard output goes to. */
function writtenTo({ redirections }: Program): string | undefined {
  return redirections.find(({ sign }) => /^1?>>?$/.test(sign))?.to.text;
}

function isUnpacking(program: Program): boolean {
  return (
    /^(?:tar|bsdtar|unzip|xz|gunzip|gzip)$/.test(program.name) &&
    !operandsOf(program).some(({ text }) => /^https?:/.test(text))
  );
}

function askedIn(field: Field, start: number, end: number): string | undefined {
  return stretchIn(field, start, end).segment?.asked;
}
