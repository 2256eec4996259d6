/**
 * `npm run quickstart`: makes sure of an engine, an emulator, a builder and a base image, then cross-builds, verifies and
 * tests `examples/hello` for linux/amd64 and linux/arm64 with the very commands that a user types.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { baseName, ensureBaseImage, registryAnswers } from "./base-image.ts";
import { ensureBuildkitImage } from "./buildkit.ts";
import { ensureEmulators } from "./emulator.ts";
import { ensureEngine } from "./engine.ts";
import { type Cannot, createSite, type Site } from "./site.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const example = path.join("examples", "hello");
const builder = "multiarch-builder";
const platforms = ["linux/amd64", "linux/arm64"] as const;

const buildSchema = z.object({
  durationMs: z.number(),
  platforms: z.array(
    z.object({
      platform: z.string(),
      execution: z.enum(["native", "emulated"]),
      verdict: z.string(),
    }),
  ),
  loaded: z.array(z.object({ image: z.string(), platform: z.string() })),
});
const verifySchema = z.object({
  durationMs: z.number(),
  verdict: z.string(),
  platforms: z.array(z.object({ program: z.string().optional() })),
});
const testSchema = z.object({
  durationMs: z.number(),
  verdict: z.string(),
  emulated: z.boolean(),
  checks: z.array(z.object({ status: z.enum(["pass", "fail", "skip"]) })),
});

/** Ends the quickstart; why has been said. */
class Stopped extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message = "") {
    super(message);
    this.exitCode = exitCode;
  }
}

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => interruption.abort(new Stopped(signal === "SIGINT" ? 130 : 143)));
}

try {
  await quickstart(createSite({ signal: interruption.signal, report: say }));
} catch (error) {
  const stopped: unknown = interruption.signal.aborted ? interruption.signal.reason : error;
  if (!(stopped instanceof Stopped)) throw error;
  if (stopped.message !== "") say(stopped.message);
  process.exitCode = stopped.exitCode;
}

async function quickstart(site: Site): Promise<void> {
  const started = performance.now();
  ready(await ensureEngine(site));
  ready(await ensureEmulators(site, platforms));
  const image = await buildkitFlags(site);
  await transship(["setup", "--builder", builder, ...image], z.unknown());
  const base = await baseFlags(site);
  const what = ["--image", "hello", "--tag", "local", "--platform", platforms.join(",")];
  const from = ["--context", example, ...base];
  const built = await transship(["build", ...what, ...from, "--builder", builder], buildSchema);
  const rows: Row[] = [];
  for (const loaded of built.loaded) rows.push(await prove(loaded, built));
  process.stdout.write(`\n${table(rows)}\n`);
  say(
    `\nDone in ${inSeconds(performance.now() - started)}. Next, your own: npx node src/main.ts build --help`,
  );
}

/** BuildKit's image where the published one cannot be had; setup falls back to the engine's own BuildKit, and says so. */
async function buildkitFlags(site: Site): Promise<readonly string[]> {
  const found = await ensureBuildkitImage(site);
  if (found.outcome === "ready")
    return found.image === undefined ? [] : ["--buildkit-image", found.image];
  say(`warning: ${found.reason} The engine's own BuildKit serves, where it can.`);
  return [];
}

async function baseFlags(site: Site): Promise<readonly string[]> {
  if (await registryAnswers(site, baseName)) return [];
  const layout = await ensureBaseImage(site, platforms, { name: builder, env: {} });
  say(`No registry answers for ${baseName}; the one made from Debian's packages stands in for it.`);
  return ["--build-context", `${baseName}=oci-layout://${layout}`];
}

interface Row {
  readonly image: string;
  readonly platform: string;
  readonly built: string;
  readonly verified: string;
  readonly tested: string;
}

async function prove(
  { image, platform }: { readonly image: string; readonly platform: string },
  built: z.infer<typeof buildSchema>,
): Promise<Row> {
  const verified = await transship(["verify", image, "--platform", platform], verifySchema);
  const tested = await transship(
    ["test", image, "--platform", platform, "--port", "0"],
    testSchema,
  );
  const passed = tested.checks.filter(({ status }) => status === "pass").length;
  const how = built.platforms.find((one) => one.platform === platform)?.execution ?? "unknown";
  return {
    image,
    platform,
    built: `${how}, ${inSeconds(built.durationMs)} for all platforms`,
    verified: `${verified.verdict} (label, layers, ${verified.platforms[0]?.program ?? "no program"}), ${inSeconds(verified.durationMs)}`,
    tested: `${passed}/${tested.checks.length} ${tested.emulated ? "emulated" : "native"}, ${inSeconds(tested.durationMs)}`,
  };
}

/** Runs our own command line as a user would, its talk on this terminal, and reads its JSON. */
async function transship<T>(args: readonly string[], schema: z.ZodType<T>): Promise<T> {
  say(`\n$ transship ${args.join(" ")}`);
  const child = spawn(process.execPath, [path.join("src", "main.ts"), ...args, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    signal: interruption.signal,
    killSignal: "SIGINT",
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("exit", resolve);
  });
  const [output, code] = await Promise.all([text(child.stdout), exited]);
  if (code !== 0) {
    process.stdout.write(output);
    throw new Stopped(
      code ?? 1,
      `transship ${args[0] ?? ""} ended with exit code ${String(code)}.`,
    );
  }
  return schema.parse(JSON.parse(output));
}

function table(rows: readonly Row[]): string {
  const head: Row = {
    image: "IMAGE",
    platform: "PLATFORM",
    built: "BUILT",
    verified: "VERIFIED",
    tested: "TESTED",
  };
  const lines = [head, ...rows].map((row) => Object.values(row).map(String));
  const widths = Object.keys(head).map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? "").length)),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function ready(outcome: { readonly outcome: "ready" } | Cannot): void {
  if (outcome.outcome === "cannot") throw new Stopped(4, outcome.reason);
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
