/** Images that are written into archives: programs that run beside data, in a layout on disk. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { TestContext } from "node:test";
import { type Context, createContext } from "../../src/context.ts";
import { parseSubject } from "../../src/image/subject.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { probeProgram } from "../../src/probe/program.ts";
import type { ReportEvent } from "../../src/process/report.ts";
import { type ArchiveOptions, writeArchive } from "../../src/ship/archive/archive.ts";
import { directoryWith, temporaryDirectory } from "../directory.ts";
import { imageOf, layoutContents, type TestFiles, type TestImage } from "../image/image.ts";

const data: TestFiles = { data: { content: randomBytes(300_000) } };

/** A program that prints its machine, and data beside it. */
export function platformOf(
  architecture: string,
  program = probeProgram(parsePlatform(architecture)),
) {
  const lowest = { probe: { content: program ?? "" } };
  return { architecture, config: { Entrypoint: ["/probe"] }, layers: [lowest, data] };
}

export async function imageFor(architectures: readonly string[]): Promise<TestImage> {
  return await imageOf(architectures.map((one) => platformOf(one)));
}

/** The layout of that image in a directory of its own. */
async function layoutOf(t: TestContext, image: TestImage, index?: object): Promise<string> {
  const contents = layoutContents(image, ["docker.io/library/app:1"]);
  const changed = index === undefined ? {} : { "index.json": JSON.stringify(index) };
  return await directoryWith(t, { ...contents, ...changed });
}

export interface Trial {
  readonly layout: string;
  readonly directory: string;
  readonly file: string;
  readonly events: readonly ReportEvent[];
  /** Writes it into `file`, unless the options say otherwise. */
  readonly write: (
    options?: Partial<ArchiveOptions>,
    own?: Partial<Context>,
  ) => ReturnType<typeof writeArchive>;
}

/** The image as it stands in a layout (`index`: with that `index.json`), and a place to write it to. */
export async function trial(t: TestContext, image: TestImage, index?: object): Promise<Trial> {
  const layout = await layoutOf(t, image, index);
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "app.tar.zst");
  const cache = await temporaryDirectory(t);
  const events: ReportEvent[] = [];
  const report = (event: ReportEvent) => void events.push(event);
  const context = createContext({ report, env: { XDG_CACHE_HOME: cache } });
  const subject = parseSubject(`oci:${layout}`);
  return {
    layout,
    directory,
    file,
    events,
    write: async (options = {}, own = {}) =>
      await writeArchive({ subject, to: { file }, ...options }, { ...context, ...own }),
  };
}
