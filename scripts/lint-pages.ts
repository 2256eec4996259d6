/**
 * Writes docs/lint/ from the rules of lint (src/lint/rules/): a page for each rule, and README.md, which lists them.
 *
 *     node scripts/lint-pages.ts           writes them
 *     node scripts/lint-pages.ts --check   exits with 1 when one is not what would be written
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rules } from "../src/lint/rules.ts";
import type { Rule } from "../src/lint/rules/rule.ts";
import { writePage } from "./page.ts";

const command = "npm run lint-pages";
const note = `<!-- Generated from src/lint/rules/ by \`${command}\`; changes made here are lost. -->`;

await mkdir(fileURLToPath(new URL("../docs/lint", import.meta.url)), { recursive: true });
await writePage("docs/lint/README.md", overview(rules), command);
for (const rule of rules) await writePage(`docs/lint/${rule.id}.md`, page(rule), command);

function page(rule: Rule): string {
  const { id, title, what, why, bad, good, failure, blind } = rule;
  return paragraphs(
    `# ${id}: ${title}`,
    note,
    `**What it looks at.** ${what}`,
    `**Why.** ${why}`,
    "**Bad:**",
    block("dockerfile", bad),
    "**Good:**",
    block("dockerfile", good),
    "**What will be printed in the end:**",
    block("text", failure),
    `**What it does not see.** ${blind}`,
    "**Where it is meant so,** a comment before the instruction, or within it, says why:",
    block("dockerfile", `# transship: ignore ${id} because REASON`),
    "[All rules](README.md)",
  );
}

function overview(all: readonly Rule[]): string {
  return paragraphs(
    "# Rules of lint",
    note,
    "What `transship lint` looks for: what will break when a Dockerfile is built for another architecture than that of the machine which builds, or run there. It reads the file as BuildKit does, once for each platform: which stage runs on which machine, what each variable is there, which commands a script reaches with which words. It needs no engine and no network. The name of a rule is permanent.",
    all.map(({ id, title }) => `- [${id}](${id}.md): ${title}`).join("\n"),
    "## What a finding says",
    "Its rule, file, line and column; the platforms that it holds on, where it does not on all that were asked for; what goes wrong there; what kernel, compiler or package manager will print in the end, where somebody prints something; and what to write instead.",
    "Beside the rules there is `syntax`: what no builder takes (an unknown instruction, a stage that copies from itself or from a later one), and what is more than the rules look at. And there is `ignore`: a comment that gives no reason, or that has nothing to ignore.",
    "## Ignoring a finding",
    block(
      "dockerfile",
      "# transship: ignore R7 because the archive holds the programs of both\nRUN wget https://example.org/tool-amd64.tar.gz",
    ),
    "The comment holds for the instruction below it, or for the one that it stands in. It names one rule or several (`ignore R7, R11 because …`), and it gives a reason: without one the finding stays, and the comment is an error. One that has nothing to ignore is a warning, so that it goes when what it was for has gone.",
    "## Exit codes",
    [
      "| exit code | means |",
      "| --- | --- |",
      "| 0 | no errors; there may be warnings |",
      "| 1 | errors |",
      "| 2 | the command line, or a file that it names, cannot be understood |",
    ].join("\n"),
    "An **error** is what will break on the platforms that it names. A **warning** is what breaks only under conditions that the file does not tell, or is only slow.",
    "## What lint does not see",
    [
      "- Stages that the target does not need. The target is the last stage, or the one that `--target` names: a file with several is looked at once for each.",
      "- What base images hold: their variables, their programs, their ONBUILD. Of a stage of the same file it knows all three.",
      "- Values that come only with the build, unless `--build-arg` gives them.",
      "- What programs do that it does not know. Scripts of the build context (`*.sh`, `*.bash`) are gone through where a RUN starts them, and `requirements*.txt` is read where pip does: 20 files of at most 64 KiB. A finding then stands on what starts it, and names the file's line. Of what it cannot tell it takes nothing for wrong.",
      "- A script that is not one of a POSIX shell or of bash, or that is not understood as a whole.",
      "- More than people write: of a file with more than 5000 instructions, 500 stages or 1000 variables it only says so.",
    ].join("\n"),
    "Each page says what its rule does not see beside that. What an image really holds is what [`transship verify`](../DOCKER_BUILDX_SYSTEM.md#what-verify-reads) is for.",
  );
}

function paragraphs(...all: readonly string[]): string {
  return `${all.join("\n\n")}\n`;
}

function block(language: string, text: string): string {
  return ["```" + language, text, "```"].join("\n");
}
