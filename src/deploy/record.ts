/** What is kept of a release for people and for later: all that made it, but no value of its environment. */
import * as z from "zod";
import { digestOf } from "../oci/digest.ts";
import type { EnvironmentText } from "./environment.ts";
import { parseReleaseId } from "./names.ts";
import type { Release } from "./release.ts";
import { settingsText } from "./settings.ts";
import type { ReleaseFiles } from "./operation.ts";

const record = z.object({
  schemaVersion: z.literal(1),
  app: z.string(),
  release: z.string(),
  image: z.string(),
  digest: z.string(),
  imageId: z.string(),
  /** Of all that its container is made and judged by: the same again is the same release. */
  fingerprint: z.string(),
  who: z.string(),
  /** ISO 8601, by the clock of whoever deployed. */
  createdAt: z.string(),
  environment: z.array(z.string()),
  /** How many releases its deploy left there, itself among them; older ones do not say it. */
  keep: z.int().positive().optional(),
});
export type ReleaseRecord = z.output<typeof record>;

/** `undefined` for what is none, or one of a later form. */
export function parseRecord(json: string): ReleaseRecord | undefined {
  try {
    const read = record.safeParse(JSON.parse(json));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** How many releases stay where nobody says it. */
export const usualKeep = 3;

export interface Making {
  readonly who: string;
  readonly now: Date;
  readonly keep: number;
}

export function releaseFiles(
  release: Release,
  environment: EnvironmentText,
  { who, now, keep }: Making,
): ReleaseFiles {
  const { app, id, image, digest, imageId, run } = release;
  const written: ReleaseRecord = {
    schemaVersion: 1,
    app,
    release: id,
    image,
    digest,
    imageId,
    fingerprint: fingerprintOf(release, environment),
    who,
    createdAt: now.toISOString(),
    environment: Object.keys(run.environment).toSorted(),
    keep,
  };
  return {
    ...Object.fromEntries(run.files.map(({ name, content }) => [`file-${name}`, content])),
    settings: settingsText(release, environment),
    environment: environment.file,
    "record.json": `${JSON.stringify(written)}\n`,
  };
}

/** The same for two releases that differ in nothing but their names. */
export function fingerprintOf(release: Release, environment: EnvironmentText): string {
  const settings = settingsText({ ...release, id: parseReleaseId("any") }, environment);
  const files = release.run.files.map(({ content }) => digestOf(content));
  return digestOf([settings, environment.file, ...files].join("\0"));
}
