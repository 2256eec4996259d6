/** What the package says of itself. */
import { readFile } from "node:fs/promises";
import * as z from "zod";

const schema = z.object({ version: z.string(), homepage: z.string().optional() });

export async function readManifest(): Promise<z.infer<typeof schema>> {
  const file = new URL(import.meta.resolve("transship/package.json"));
  return schema.parse(JSON.parse(await readFile(file, "utf8")));
}
