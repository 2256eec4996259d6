/**
 * The image for what a server lacks: docker and a shell are all that can be counted on there. It holds our probe alone (see
 * `probe/program.ts`), some 600 bytes, so it is sent in the words of a script: no way of shipping has to be chosen for it.
 *
 * Source: moby, image/tarexport (the archive), OCI image-spec, config.md.
 */
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { fail } from "../errors.ts";
import { tarball, tarFile } from "../filesystem/tarball.ts";
import { digestOf, hexOf, shortDigest } from "../oci/digest.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { quote } from "../process/command.ts";
import { probeProgram } from "../probe/program.ts";
import { type DockerAccess, searchPath } from "./docker-access.ts";
import type { ServerFacts } from "./facts.ts";
import { serverEngineError, type Server } from "./server.ts";

export interface HelperImage {
  /** `transship/helper:1f2e3d4c5b6a`: another program has another name. */
  readonly name: string;
  /** What `docker load` reads, of both image stores; under 2 KiB. */
  readonly archive: Uint8Array;
}

const program = "transship-probe";
const loadDeadlineMs = 60_000;

/** The same bytes each time. `undefined` where there is no probe for that platform. */
export async function helperImage(platform: Platform): Promise<HelperImage | undefined> {
  const probe = probeProgram(platform);
  if (probe === undefined) return undefined;
  const layer = await buffer(tarball([tarFile(program, probe, 0o755)]));
  const config = JSON.stringify({
    ...platform,
    config: { Entrypoint: [`/${program}`] },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const digest = digestOf(Buffer.from(config));
  const name = `transship/helper:${shortDigest(digest)}`;
  const [configFile, layerFile] = [`${hexOf(digest)}.json`, "layer.tar"];
  const manifest = JSON.stringify([{ Config: configFile, RepoTags: [name], Layers: [layerFile] }]);
  const files = [
    tarFile("manifest.json", manifest),
    tarFile(configFile, config),
    tarFile(layerFile, layer),
  ];
  return { name, archive: await promisify(gzip)(await buffer(tarball(files))) };
}

/** Loads it unless it is there. `printf` takes any byte by its octal digits (POSIX.1-2017, printf, `%b`). */
export function loadHelperScript(access: DockerAccess, { name, archive }: HelperImage): string {
  const octal = [...archive].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
  return `${searchPath}
${access} image inspect --format . ${quote(name)} >/dev/null 2>&1 ||
printf '%b' '${octal}' | ${access} load >/dev/null`;
}

/**
 * Makes sure that a server's engine has it.
 * @returns its name
 * @throws SERVER_HELPER_MISSING where there is none for the server's processor; the errors of ssh, SERVER_…
 */
export async function ensureHelper(
  { shell, name: target }: Server,
  { access, engine }: Pick<ServerFacts, "access" | "engine">,
): Promise<string> {
  const helper = await helperImage(engine.platform);
  if (helper === undefined) {
    const platform = formatPlatform(engine.platform);
    throw fail("SERVER_HELPER_MISSING", { target, platform });
  }
  const what = `Loading ${helper.name} on ${target}`;
  const options = { deadlineMs: loadDeadlineMs, what };
  const ran = await shell.run(loadHelperScript(access, helper), options);
  if (ran.exitCode === 0) return helper.name;
  throw serverEngineError(target, { exitCode: ran.exitCode, words: ran.stderr });
}
