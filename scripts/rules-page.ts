/**
 * Writes docs/rules.md from the rules of verify (src/verify/rules/).
 *
 *     node scripts/rules-page.ts           writes it
 *     node scripts/rules-page.ts --check   exits with 1 when it is not what would be written
 */
import { rules } from "../src/verify/rules.ts";
import type { Rule } from "../src/verify/rules/rule.ts";
import { writePage } from "./page.ts";

await writePage("docs/rules.md", render(rules), "npm run rules-page");

function render(all: readonly Rule[]): string {
  const sections = [
    "# Rules of verify",
    "<!-- Generated from src/verify/rules/ by `npm run rules-page`; changes made here are lost. -->",
    "What `transship verify` (and `transship build`, of what it built) looks for. The name of a rule is permanent. A finding is an **error** where something that will run reaches it: the entrypoint, the command, an executable on PATH, and what their loaders load; otherwise a warning. An error refutes the image.",
    "## Waivers",
    [
      "What a project puts up with stands in the list `waivers` under `x-transship` of its `compose.yaml` (or at the top of a file that `--waivers` names): rule, reason, last day, and a path where it is about files (`*` within a name, `**` over directories).",
      "",
      "```yaml",
      "x-transship:",
      "  waivers:",
      "    - rule: file-machine",
      "      path: /opt/firmware/**",
      "      reason: images for the devices that the service programs",
      "      until: 2027-06-30",
      "```",
    ].join("\n"),
    "## Names",
    all.map(({ id, title }) => `- [\`${id}\`](#${id}): ${title}`).join("\n"),
    ...all.map(section),
  ];
  return `${sections.join("\n\n")}\n`;
}

function section({ id, title, what, why, example, fix }: Rule): string {
  return [
    `### ${id}`,
    `${title}.`,
    `**What it looks at.** ${what}`,
    `**Why.** ${why}`,
    `**For example:**`,
    ["```text", example, "```"].join("\n"),
    `**What to do.** ${fix}`,
  ].join("\n\n");
}
