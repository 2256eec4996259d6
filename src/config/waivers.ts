/** The waivers that stand in a project's file: the list `waivers` of `x-transship` in compose.yaml, or of a file of its own. */
import { createReadStream } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";
import type { Waiver } from "../verify/waiver.ts";

const waiver = z.strictObject({
  rule: z.string().min(1),
  path: z.string().startsWith("/").optional(),
  reason: z.string().min(1),
  until: z.iso.date(),
});
const list = z.object({ waivers: z.array(waiver) });
const file = z.object({
  "x-transship": z.object({ waivers: z.array(waiver).optional() }).optional(),
});

/** Where Compose looks for a project's file, in its order. */
const composeFiles = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/** Most bytes of such a file. */
const limit = 1024 * 1024;

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

/** As much of it as may be, and one byte more where there is more: a device has no end. */
async function beginningOf(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  const source: AsyncIterable<Buffer> = createReadStream(path, { end: limit });
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** @throws WAIVERS_INVALID with the line where it is wrong */
export function parseWaivers(path: string, text: string): readonly Waiver[] {
  if (Buffer.byteLength(text) > limit)
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
  return found.map(({ rule, path: at, reason, until }) =>
    at === undefined ? { rule, reason, until } : { rule, path: at, reason, until },
  );
}
