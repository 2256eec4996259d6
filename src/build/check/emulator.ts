/** Whether the builder runs the programs that a build's steps start: tried before it begins, where that is not sure. */
import { readFile } from "node:fs/promises";
import { probeBuilder } from "../../builder/probe.ts";
import type { Context } from "../../context.ts";
import { fail } from "../../errors.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { probeProgram } from "../../probe/program.ts";
import { keep, recall } from "../../store/answers.ts";
import type { BuildCheck } from "./check.ts";

export interface EmulatorOptions {
  readonly builder: string;
  /** The platforms of steps that run programs and are not the machine's own. */
  readonly platforms: readonly Platform[];
}

/** How long a success is believed, in milliseconds: an emulator that goes is told of by the step that misses it. */
const lifeMs = 24 * 60 * 60_000;

export async function emulatorChecks(
  { builder, platforms }: EmulatorOptions,
  context: Pick<Context, "docker" | "env">,
): Promise<readonly BuildCheck[]> {
  return await Promise.all(
    platforms.map(async (platform) => {
      const name = formatPlatform(platform);
      if (probeProgram(platform) === undefined) return untried(name);
      const key = await keyOf(builder, name, context);
      if ((await recall({ key, forMs: lifeMs, env: context.env })) !== undefined)
        return passed(name);
      const reason = await probeBuilder(platform, builder, context);
      if (reason !== undefined) return failed(platform, reason);
      await keep(key, ["runs"], context.env);
      return passed(name);
    }),
  );
}

function passed(platform: string): BuildCheck {
  const detail = `The builder runs programs of ${platform}, emulated.`;
  return { id: "emulator", status: "pass", detail };
}

function untried(platform: string): BuildCheck {
  const detail = `Whether the builder runs programs of ${platform} was not tried: there is no program to try it with.`;
  return { id: "emulator", status: "skip", detail };
}

function failed(platform: Platform, reason: string): BuildCheck {
  const { architecture } = platform;
  const error = fail("EMULATOR_MISSING", { platform: formatPlatform(platform), architecture });
  return {
    id: "emulator",
    status: "fail",
    detail: `The builder cannot run programs of ${formatPlatform(platform)}, which steps of this build start: ${reason}`,
    fix: error.hint,
    error,
  };
}

/** The builder, on that engine, since this machine was started: emulators are registered anew with each start. */
async function keyOf(
  builder: string,
  platform: string,
  { env }: Pick<Context, "env">,
): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const engine = [env["DOCKER_HOST"], env["DOCKER_CONTEXT"], env["BUILDX_CONFIG"]];
  const words = [builder, platform, boot, ...engine.map((word) => word ?? "")];
  return ["emulator", ...words].join("\n");
}
