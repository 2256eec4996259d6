/**
 * Writes docs/errors.md from the catalogue of errors (src/errors.ts).
 *
 *     node scripts/errors-page.ts           writes it
 *     node scripts/errors-page.ts --check   exits with 1 when it is not what would be written
 */
import { exitCodes, type ListedError, listErrors } from "../src/errors.ts";
import { writePage } from "./page.ts";

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "Done, or proven",
  failed: "Refuted, a failed check, a failed build step",
  usage: "The command line, or what it names, cannot be understood",
  unproven: "Not everything could be proven, with `--strict`",
  environment: "Something that this machine or the network should have is missing",
  tool: "A tool that was run failed",
  undone: "Reserved: a deploy was undone after its switch",
  rollbackFailed: "Reserved: a deploy failed, and could not be undone",
  bug: "A bug of Transship",
  interrupted: "Interrupted from the keyboard (SIGINT)",
  terminated: "Ended by another process (SIGTERM, SIGHUP)",
};

await writePage("docs/errors.md", render(listErrors()), "npm run errors-page");

function render(errors: readonly ListedError[]): string {
  const sections = [
    "# Errors",
    "<!-- Generated from src/errors.ts by `npm run errors-page`; changes made here are lost. -->",
    "Every error has a permanent code, one sentence, and the next command to type. With `--json` it stands on standard output as `error` with `code`, `message`, `hint` and `facts`; with `--verbose` the facts are shown too. Words in capitals stand for the facts of the moment.",
    "## Exit codes",
    exitCodeList(),
    "## Codes",
    errors.map(({ code, title }) => `- [\`${code}\`](#${code.toLowerCase()}): ${title}`).join("\n"),
    ...errors.map(section),
  ];
  return `${sections.join("\n\n")}\n`;
}

function exitCodeList(): string {
  const codes = new Map<string, number>(Object.entries(exitCodes));
  return Object.entries(meanings)
    .map(([name, meaning]) => `- \`${codes.get(name)}\`: ${meaning}`)
    .join("\n");
}

function section({ code, title, exitCode, shown }: ListedError): string {
  return [
    `### ${code}`,
    `${title}. Exit code ${exitCode}.`,
    ["```text", shown, "```"].join("\n"),
  ].join("\n\n");
}
