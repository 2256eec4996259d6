/**
 * Writes docs/configuration.md and schema/ from the schema of the block `x-transship` (src/config/schema.ts).
 *
 *     node scripts/config-page.ts           writes them
 *     node scripts/config-page.ts --check   exits with 1 when they are not what would be written
 */
import * as z from "zod";
import { settings } from "../src/config/schema.ts";
import { introduction } from "./config-introduction.ts";
import { writePage } from "./page.ts";

/** The part of a JSON Schema that the page shows. */
const shown = z.object({
  description: z.string().optional(),
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  get anyOf() {
    return z.array(shown).optional();
  },
  get items() {
    return shown.optional();
  },
  get properties() {
    return z.record(z.string(), shown).optional();
  },
  required: z.array(z.string()).optional(),
  examples: z.array(z.unknown()).optional(),
});
type Shown = z.output<typeof shown>;

const command = "npm run config-page";
const block = z.toJSONSchema(settings, { io: "input" });

await writePage("docs/configuration.md", page(shown.parse(block)), command);
await writePage("schema/transship.schema.json", json(blockSchema()), command);
await writePage("schema/compose.schema.json", json(composeSchema()), command);

/** The block alone, as it may stand at the top of a compose file and in a service. */
function blockSchema() {
  const title = "x-transship of compose.yaml";
  const description = "What Transship reads beside what Compose has words for.";
  return { ...block, title, description };
}

/** A whole compose file: Compose's own schema, and ours where the block stands. */
function composeSchema() {
  const ours = { $ref: "./transship.schema.json" };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "compose.yaml with x-transship",
    allOf: [
      {
        $ref: "https://raw.githubusercontent.com/compose-spec/compose-spec/main/schema/compose-spec.json",
      },
    ],
    properties: {
      "x-transship": ours,
      services: { additionalProperties: { properties: { "x-transship": ours } } },
    },
  };
}

function json(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function page({ properties = {} }: Shown): string {
  const names = Object.keys(properties);
  const sections = [
    "# Configuration",
    `<!-- Generated from src/config/schema.ts by \`${command}\`; changes made here are lost. -->`,
    ...introduction,
    "## Keys of x-transship",
    "All of them may stand at the top of the file, for every service, and in a service, for that one alone; there its word goes before that of the top, key by key.",
    names.map((name) => `- [\`${name}\`](#${name})`).join("\n"),
    ...Object.entries(properties).flatMap(([name, schema]) => section(name, schema)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function section(name: string, schema: Shown): readonly string[] {
  const { description = "", examples = [] } = schema;
  const inner = schema.properties ?? schema.items?.properties;
  const required = schema.required ?? schema.items?.required ?? [];
  return [
    `### ${name}`,
    `${capital(kindOf(schema))}. ${description}`,
    ...(inner === undefined ? [] : [keyList(inner, required)]),
    ...examples.map((example) => ["```yaml", `${name}: ${flow(example)}`, "```"].join("\n")),
  ];
}

function keyList(properties: Readonly<Record<string, Shown>>, required: readonly string[]): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const must = required.includes(name) ? ", must be there" : "";
      return `- \`${name}\` (${kindOf(schema)}${must}): ${schema.description ?? ""}`;
    })
    .join("\n");
}

function kindOf({ type, enum: values, items, anyOf }: Shown): string {
  if (anyOf !== undefined) return anyOf.map(kindOf).join(" or ");
  if (values !== undefined) return `one of ${values.map((one) => `\`${one}\``).join(", ")}`;
  if (type === "array") return `list of ${items?.properties === undefined ? "texts" : "entries"}`;
  const words: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "`true` or `false`",
    object: "group of keys",
  };
  return words[type ?? ""] ?? "text";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** In YAML's flow style, as people write short lists. */
function flow(example: unknown): string {
  return Array.isArray(example) ? `[${example.join(", ")}]` : String(example);
}
