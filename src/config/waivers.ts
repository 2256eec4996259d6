/** The waivers that stand in a project's file: the list `waivers` of `x-transship` in compose.yaml, or of a file of its own. */
import { LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";
import type { Waiver } from "../verify/waiver.ts";
import { beginningOf, composeFiles, largest } from "./files.ts";
import { waiver } from "./schema.ts";

const list = z.object({ waivers: z.array(waiver) });
const file = z.object({
  "x-transship": z.object({ waivers: z.array(waiver).optional() }).nullish(),
});

/** Reads that file, else the project's compose file in the working directory; none of them gives no waivers. @throws WAIVERS_INVALID */
export async function readWaivers(path?: string): Promise<readonly Waiver[]> {
  if (path !== undefined) return parseWaivers(path, await read(path));
  for (const name of composeFiles) {
    const text = await readOptional(name);
    if (text !== undefined) return text.includes("x-transship") ? parseWaivers(name, text) : [];
  }
  return [];
}

async function read(path: string): Promise<string> {
  const text = await readOptional(path);
  if (text === undefined) throw fail("WAIVERS_INVALID", { path, problem: "there is no such file" });
  return text;
}

/** `undefined` where it is not there. */
async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await beginningOf(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("WAIVERS_INVALID", { path, problem }, { cause: error });
  }
}

/** @throws WAIVERS_INVALID with the line where it is wrong */
export function parseWaivers(path: string, text: string): readonly Waiver[] {
  if (Buffer.byteLength(text) > largest)
    throw fail("WAIVERS_INVALID", { path, problem: "it is too large" });
  const lineCounter = new LineCounter();
  // The date of a waiver is a text, not a moment.
  const document = parseDocument(text, { lineCounter, schema: "core" });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw fail("WAIVERS_INVALID", { path, problem: broken.message.split("\n")[0] ?? "" });
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  const isOwn = typeof content === "object" && content !== null && "waivers" in content;
  const parsed = isOwn ? list.safeParse(content) : file.safeParse(content ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") ?? "";
    const node = document.getIn(issue?.path ?? [], true);
    const range =
      typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
    const offset: unknown = Array.isArray(range) ? range[0] : undefined;
    const line = typeof offset === "number" ? `line ${lineCounter.linePos(offset).line}: ` : "";
    throw fail("WAIVERS_INVALID", { path, problem: `${line}${where}: ${issue?.message ?? ""}` });
  }
  const { data } = parsed;
  const found = "waivers" in data ? data.waivers : (data["x-transship"]?.waivers ?? []);
  return found.map(toWaiver);
}

/** Without the keys that are not there. */
export function toWaiver({ rule, path, reason, until }: z.output<typeof waiver>): Waiver {
  return path === undefined ? { rule, reason, until } : { rule, path, reason, until };
}
