/** `supportedArchitectures` in the settings of pnpm and Yarn. What cannot be read supports all: its own tool will say so. */
import { parseDocument } from "yaml";
import * as z from "zod";
import type { Supported } from "./lock.ts";

const words = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .nullish()
  .catch(undefined);
const supported = z.object({ os: words, cpu: words });
const setting = z.object({ supportedArchitectures: supported.nullish().catch(undefined) });
const manifest = z.object({ pnpm: setting.nullish().catch(undefined) });

/** Of `pnpm-workspace.yaml`, of `.yarnrc.yml`, and of `package.json`, where pnpm before 10 has it. */
export function supportedIn(file: string, text: string): Supported | undefined {
  const found = file.endsWith(".json") ? inManifest(text) : inYaml(text);
  return found === undefined || found === null ? undefined : { file, ...found };
}

function inYaml(text: string) {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  try {
    return setting.safeParse(document.toJS({ maxAliasCount: 100 })).data?.supportedArchitectures;
  } catch {
    // An alias of something that is not there.
    return undefined;
  }
}

function inManifest(text: string) {
  try {
    return manifest.safeParse(JSON.parse(text)).data?.pnpm?.supportedArchitectures;
  } catch {
    return undefined;
  }
}
