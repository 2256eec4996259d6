/** A trial: images put together, started by the judge and verified, and each verdict held against what happened. */
import { execa } from "execa";
import { createContext } from "../../src/context.ts";
import { isFailure } from "../../src/errors.ts";
import { tarball } from "../../src/filesystem/tarball.ts";
import type { Subject } from "../../src/image/subject.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { inParallel } from "../../src/process/parallel.ts";
import { parseCpuLevel } from "../../src/verify/cpu.ts";
import { verify } from "../../src/verify/verify.ts";
import type { Case } from "./case.ts";
import { compare, type Compared, isAsExpected, type Told } from "./comparison.ts";
import { archiveOf, type Image, imagesOf, platformOf, writeLayout } from "./corpus.ts";
import { removeImage } from "./engine-api.ts";
import { judge, type Judged } from "./judge.ts";
import type { Workshop } from "./workshop.ts";

export interface TrialOptions {
  /** The images' name in the engine; they are removed afterwards. */
  readonly repository: string;
  /** An empty directory for the layout and the facts that verify keeps. */
  readonly directory: string;
}

export async function tryCases(
  cases: readonly Case[],
  { socket, material }: Pick<Workshop, "socket" | "material">,
  { repository, directory }: TrialOptions,
): Promise<readonly Compared[]> {
  const images = await imagesOf(cases, material);
  const layout = `${directory}/layout`;
  await writeLayout(images, layout);
  await execa("docker", ["load", "--quiet"], { input: tarball(archiveOf(images, repository)) });
  try {
    const judged = await judgeTwice(images, socket, repository);
    return await inParallel(images, 2, async ({ one, tag }) => {
      const subject = { transport: "oci", directory: layout, name: tag } as const;
      const told = await tell(subject, {
        platform: platformOf(one),
        cpu: one.cpu,
        cache: directory,
      });
      return compare(one, told, judged.get(one) ?? { starts: false, words: "" });
    });
  } finally {
    await inParallel(
      images,
      2,
      async ({ tag }) => await removeImage(socket, `${repository}:${tag}`),
    );
  }
}

/** A container that does not do what its case was made to show is started once more: a word may get lost on a busy engine. */
async function judgeTwice(
  images: readonly Image[],
  socket: string,
  repository: string,
): Promise<ReadonlyMap<Case, Judged>> {
  const first = await judge(socket, repository, images);
  const odd = images.filter(({ one }) => {
    const judged = first.get(one);
    return judged === undefined || !isAsExpected(one, judged);
  });
  return new Map([...first, ...(await judge(socket, repository, odd))]);
}

/** What verify says: its result, or the error that it ends with. */
export async function tell(
  subject: Subject,
  options: { readonly platform: string; readonly cpu?: string | undefined; readonly cache: string },
): Promise<Told> {
  const { platform, cpu, cache } = options;
  const context = createContext({ env: { ...process.env, XDG_CACHE_HOME: cache } });
  const level = cpu === undefined ? {} : { cpu: parseCpuLevel(cpu) };
  try {
    return await verify({ subject, platforms: [parsePlatform(platform)], ...level }, context);
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}
