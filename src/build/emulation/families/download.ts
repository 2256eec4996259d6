/** Downloads and archives: their bytes are the same whoever fetches them; which ones they are TARGETARCH says. */
import { type Edit, edited } from "../edit.ts";
import { hasDebianNames, namesArchitecture } from "../architecture.ts";
import { hasOption, operandsOf, optionOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import {
  type Family,
  foreign,
  isSystemDirectory,
  type Output,
  type Situation,
  type Treatment,
} from "../treatment.ts";
import type { ShellWord } from "../../../shell/token.ts";

const why = "The bytes of a download are the same on every machine.";
const packers: ReadonlySet<string> = new Set(
  "tar bsdtar unzip gzip gunzip xz unxz bzip2 bunzip2 zstd unzstd zcat xzcat 7z cpio zip".split(
    " ",
  ),
);

export const download: Family = (program, situation) => {
  const { name = "" } = program;
  if (isMachineWord(program)) return machineWord(program, situation);
  if (name === "uname" && program.args.every(({ text }) => text === "-s" || text === "-o")) {
    return { kind: "plain", why, outputs: [] };
  }
  if (name === "curl" || name === "wget" || name === "aria2c") return fetched(program, situation);
  if (name === "git") return cloned(program, situation);
  if (name === "tar" || name === "unzip" || name === "bsdtar") return unpacked(program, situation);
  return packers.has(name) ? { kind: "neutral", why, stage: "download" } : undefined;
};

/** `uname -m` and its like: on $BUILDPLATFORM they name the machine that builds. */
function isMachineWord({ name = "", args }: Program): boolean {
  const given = args.map(({ text }) => text).join(" ");
  if (name === "uname") return /^(?:-m|--machine|-p|-i)$/.test(given);
  if (name === "dpkg") return given === "--print-architecture";
  return (name === "arch" && given === "") || (name === "apk" && given === "--print-arch");
}

function machineWord(program: Program, situation: Situation): Treatment {
  const word = program.name === "dpkg" ? "debian" : "machine";
  const known = { kind: "plain", why, outputs: [] } as const;
  if (!isForTarget(program, situation)) return known;
  const isOwn = word === "debian" && hasDebianNames(situation.platforms);
  const variable = isOwn ? "$TARGETARCH" : word === "debian" ? "$DEBIAN_ARCH" : "$MACHINE";
  const { start, end } = program.command;
  return {
    ...known,
    kind: "neutral",
    stage: "download",
    why: "What is fetched for the target is named by TARGETARCH, whichever machine fetches it.",
    edits: [{ start, end, text: `echo ${variable}` }],
    variables: ["TARGETARCH"],
    vocabularies: isOwn ? [] : [word],
  };
}

/** Whether what the stage fetches goes into the image, and does not serve its own build. */
function isForTarget(_: Program, situation: Situation): boolean {
  if (situation.isSplit) return true;
  const all = [...situation.earlier, ...situation.later];
  const isBuilding = all.some(({ name = "" }) =>
    /^(?:go|cargo|make|cmake|gcc|g\+\+|clang|npm|pnpm|yarn|pip|mvn|gradle|dotnet|meson|ninja|configure)$/.test(
      name,
    ),
  );
  return !isBuilding;
}

function fetched(program: Program, situation: Situation): Treatment {
  const outputs = fetchedInto(program, situation);
  const isOut =
    situation.isSplit ||
    isForTarget(program, situation) ||
    (outputs ?? []).some(({ path }) => situation.isCarriedOut(path));
  const named = program.args.filter(({ text }) => namesArchitecture(text));
  if (named.length > 0 && !isOut) {
    return foreign(
      "It fetches a tool of a machine that it names, and runs it on another one then.",
    );
  }
  // Commands behind it know the file by the name that the address has.
  const keepsName = outputs?.some(({ path }) => namesArchitecture(path)) ?? true;
  const edits = keepsName ? [] : named.flatMap((word) => inTargetWords(word, situation));
  const isNamed = named.length > 0;
  return {
    kind: "neutral",
    why,
    stage: "download",
    edits,
    ...(edits.length === 0 ? {} : { variables: ["TARGETARCH"] }),
    ...(isNamed && edits.length === 0
      ? { caveat: "The address names one architecture: right for this platform alone." }
      : {}),
    ...(edits.length > 0
      ? { caveat: "The address follows TARGETARCH now; a checksum beside it has to as well." }
      : {}),
    ...(outputs && { outputs }),
  };
}

/** Go's own words for the platform become TARGETARCH; in other words there is no variable for it. */
function inTargetWords(word: ShellWord, { platform, platforms }: Situation): readonly Edit[] {
  const { architecture } = platform;
  if (word.text.includes("'") || (architecture !== "amd64" && architecture !== "arm64")) return [];
  if (platforms.some((one) => one.variant !== undefined)) return [];
  const pattern = new RegExp(`(?<![A-Za-z0-9$_])${architecture}(?![A-Za-z0-9_])`, "g");
  const found = [...word.text.matchAll(pattern)].map(({ index }) => ({
    start: word.start + index,
    end: word.start + index + architecture.length,
    text: "${TARGETARCH}",
  }));
  const rest = edited(
    word.text,
    found.map((edit) => ({
      ...edit,
      start: edit.start - word.start,
      end: edit.end - word.start,
      text: "",
    })),
  );
  return namesArchitecture(rest) ? [] : found;
}

function fetchedInto(program: Program, situation: Situation): readonly Output[] | undefined {
  const { command, name } = program;
  if (command.after === "|" || command.depth > 0) return [];
  const redirected = command.redirections.find(
    ({ sign }) => sign.includes(">") && !sign.endsWith("&"),
  );
  if (redirected !== undefined) return fileAt(redirected.to.value, situation);
  const isSilent = ["-", "/dev/null"].includes(
    optionOf(program, "-o", "-O", "--output", "--output-document")?.value ?? "",
  );
  if (isSilent) return [];
  const option =
    name === "curl"
      ? optionOf(program, "-o", "--output")
      : optionOf(program, "-O", "--output-document");
  if (option !== undefined) return fileAt(option.value, situation);
  const isQuiet =
    name === "curl" && !program.args.some(({ text }) => /^-[A-Za-z]*O|^--remote-name/.test(text));
  if (isQuiet) return lastLetterFile(program, situation);
  if (hasOption(program, "-P", "--directory-prefix", "--output-dir")) return undefined;
  const address = operandsOf(program).at(-1) ?? "";
  return /[$?]/.test(address) ? undefined : fileAt(address.split("/").at(-1), situation);
}

/** `curl -fsSLo file`: the letters before it take no value. */
function lastLetterFile({ args }: Program, situation: Situation): readonly Output[] | undefined {
  const at = args.findIndex(({ text }) => /^-[fsSLkgN]+o$/.test(text));
  return at === -1 ? [] : fileAt(args[at + 1]?.value, situation);
}

function fileAt(value: string | undefined, situation: Situation): readonly Output[] | undefined {
  const path = pathOf(value, situation);
  return path === undefined ? undefined : [{ path, isDirectory: false }];
}

function cloned(program: Program, situation: Situation): Treatment {
  const [verb, address = "", into] = operandsOf(program);
  const known = {
    kind: "neutral",
    why: "Sources are the same for every machine.",
    stage: "download",
  } as const;
  if (verb !== "clone") return { ...known, outputs: [] };
  const name =
    into ??
    address
      .split("/")
      .at(-1)
      ?.replace(/\.git$/, "");
  const isPlain = program.args.every(({ text }) => !text.startsWith("-") || text.includes("="));
  const path =
    isPlain && name !== undefined && !name.includes("$") ? pathOf(name, situation) : undefined;
  return path === undefined ? known : { ...known, outputs: [{ path, isDirectory: true }] };
}

/** What is unpacked among the builder's own programs goes to a directory of its own, so that it can be told from them. */
function unpacked(program: Program, situation: Situation): Treatment {
  const known = { kind: "neutral", why, stage: "download" } as const;
  const option = program.name === "unzip" ? optionOf(program, "-d") : intoOf(program);
  const path = option === undefined ? situation.directory : pathOf(option.value, situation);
  if (path === undefined) return known;
  if (!situation.isSplit || !isSystemDirectory(path))
    return { ...known, outputs: [{ path, isDirectory: true }] };
  if (option === undefined || option.word.value !== option.value || path === "/" || path === "/tmp")
    return known;
  const { start, end } = option.word;
  return {
    ...known,
    preparations: [`mkdir -p /out${path}`],
    edits: [{ start, end, text: `/out${path}` }],
    outputs: [{ path: `/out${path}`, isDirectory: true, to: path }],
  };
}

/** `-C dir`, `--directory=dir`, `-xzC dir`. */
function intoOf(program: Program): ReturnType<typeof optionOf> {
  const own = optionOf(program, "-C", "--directory");
  if (own !== undefined) return own;
  const at = program.args.findIndex(({ text }) => /^-?[a-zA-Z]*C$/.test(text));
  const word = program.args[at + 1];
  return at === -1 || word === undefined ? undefined : { word, value: word.value };
}
