/** An app to deploy, as an image: what its environment can say stands at the head of `app/main.go`. */
import { readFile } from "node:fs/promises";
import { ensureApp } from "../../provision/app.ts";
import { createSite } from "../../provision/site.ts";
import { imageOf, layoutContents, type TestFiles } from "../image/image.ts";
import { type CleanUp, directory, type TestEngine } from "./engine.ts";

/** The image's own port. */
export const appPort = 8080;

/** A health check of the image, by the program itself, every second. */
export const appHealthcheck = { Test: ["CMD", "/app", "health"], Interval: 1_000_000_000 };

export interface AppWishes {
  /** Two that differ in nothing else have the same layers. */
  readonly release: string;
  /** Default amd64 alone. */
  readonly architectures?: readonly string[];
  /** Further layers above the program's. */
  readonly layers?: readonly TestFiles[];
  /** As the image's configuration has it (moby, image/spec): times are nanoseconds. */
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

type Cache = Pick<TestEngine, "provisioned">;

/** The layout of an image of it. Packing it takes a moment in which nothing else runs here: make it before a load is started. */
export async function appLayout(
  context: CleanUp,
  engine: Cache,
  { release, architectures = ["amd64"], layers = [], healthcheck, env = {} }: AppWishes,
): Promise<string> {
  const variables = Object.entries({ RELEASE: release, ...env });
  const config = {
    Entrypoint: ["/app"],
    Env: variables.map(([name, value]) => `${name}=${value}`),
    ExposedPorts: { [`${appPort}/tcp`]: {} },
    ...(healthcheck === undefined ? {} : { Healthcheck: healthcheck }),
  };
  const platforms = architectures.map(async (architecture) => {
    const content = await readFile(await appProgram(engine, architecture));
    return { architecture, config, layers: [{ app: { content } }, ...layers] };
  });
  return await directory(context, layoutContents(await imageOf(await Promise.all(platforms))));
}

/** The program's path. @throws where it cannot be built */
export async function appProgram({ provisioned }: Cache, architecture = "amd64"): Promise<string> {
  const { signal } = new AbortController();
  const app = await ensureApp(createSite({ signal, report, cache: provisioned }), architecture);
  if (app.outcome === "cannot") throw new Error(app.reason);
  return app.program;
}

function report(line: string): void {
  process.stdout.write(`# ${line}\n`);
}
