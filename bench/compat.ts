/** `transship test` of a service that is ready 0.3 s after its start, against a script that sleeps where we look. */
import path from "node:path";
import * as z from "zod";
import type { EngineBenchmark, Row } from "./benchmark.ts";
import { pairedRuns } from "./measure.ts";
import { imagePrefix, root, type Setting } from "./setting.ts";

export const compatTest: EngineBenchmark = {
  name: "test",
  rounds: 5,
  on: "one-engine",
  async measure(setting, rounds) {
    const { native, foreign, withoutEmulator } = setting;
    const rows = [
      await testOf(setting, { platform: native, how: "native", limitMs: 4000 }, rounds),
    ];
    const emulated = { platform: foreign, how: "emulated", limitMs: 8000 };
    rows.push(
      withoutEmulator === undefined
        ? await testOf(setting, emulated, rounds)
        : {
            outcome: "not-measured",
            what: title(emulated),
            reason: withoutEmulator,
            isFailure: false,
          },
    );
    return rows;
  },
};

interface Case {
  readonly platform: string;
  readonly how: string;
  readonly limitMs: number;
}

async function testOf(setting: Setting, one: Case, rounds: number): Promise<Row> {
  const { transship, command, env, site } = setting;
  const { platform, limitMs } = one;
  const image = await lateService(setting, platform);
  const script = path.join(root, "bench", "peers", "sleeping-test.sh");
  const ours = transship("test", image, "--platform", platform, "--port", "0:8080");
  await requireAllPassed(setting, ours);
  const times = await pairedRuns(
    { argv: ours, env },
    { argv: command("bash", script, image, platform), env },
    { rounds, signal: site.signal },
  );
  return {
    outcome: "measured",
    what: title(one),
    peer: "[a script that sleeps](peers/sleeping-test.sh)",
    ...times,
    target: { kind: "under", ms: limitMs },
  };
}

function title({ how }: Case): string {
  return `\`transship test\`, ${how}, of a service ready in 0.3 s`;
}

const resultSchema = z.object({
  checks: z.array(z.object({ id: z.string(), status: z.string() })).min(1),
});

/** A category that is skipped takes no time: the runs count only when every one was looked at. */
async function requireAllPassed({ site, env }: Setting, argv: readonly string[]): Promise<void> {
  const [program = "", ...args] = argv;
  const { stdout } = await site.run([program, ...args, "--json"], { env });
  const { checks } = resultSchema.parse(JSON.parse(stdout));
  const others = checks.filter(({ status }) => status !== "pass").map(({ id }) => id);
  if (others.length > 0) throw new Error(`not passed: ${others.join(", ")}`);
}

/** The example, built as a user builds it; then its entrypoint delayed, with the engine's own BuildKit, which sees the engine's images. */
async function lateService(setting: Setting, platform: string): Promise<string> {
  const { transship, builder, baseFlags, storeFlags, env, site } = setting;
  const tag = platform.replace("/", "-");
  const example = path.join(root, "examples", "hello");
  const name = ["--image", `${imagePrefix}/service`, "--tag", tag, "--platform", platform];
  const where = ["--builder", builder, ...storeFlags, ...baseFlags, "--context", example];
  const [program = "", ...args] = transship("build", ...name, ...where);
  await site.run([program, ...args], { env });
  const image = `${imagePrefix}/late:${tag}`;
  const from = ["--build-arg", `SERVICE=${imagePrefix}/service:${tag}`, "--platform", platform];
  const file = ["--file", path.join(root, "bench", "late.Dockerfile"), path.join(root, "bench")];
  const build = ["buildx", "build", "--builder", "default", "--load", "--tag", image];
  await site.run(["docker", ...build, ...from, ...file], { env });
  return image;
}
