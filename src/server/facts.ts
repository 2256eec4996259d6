/** What a server says of itself and of its engine, asked in one script. */
import * as z from "zod";
import { type EngineFacts, readEngineInfo } from "../engine/facts.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { architectureNames } from "../platform/machine.ts";
import { architectures, type Architecture } from "../platform/platform.ts";
import { type DockerAccess, searchPath } from "./docker-access.ts";
import { readSections, section } from "./sections.ts";
import { x86LevelOf } from "./x86-level.ts";

export interface ServerFacts {
  readonly access: DockerAccess;
  readonly engine: EngineFacts;
  /** A rootless engine may have a network namespace of its own. */
  readonly isRootless: boolean;
  /** What `uname -m` prints. */
  readonly machine: string;
  /** x86-64-v1 to v4; `undefined` for other processors, and where the system does not say. */
  readonly x86Level: 1 | 2 | 3 | 4 | undefined;
  /** Architectures whose programs an emulator of the kernel runs. */
  readonly emulated: readonly Architecture[];
  /** Milliseconds since 1970, as the server's clock stood when it was asked. */
  readonly clockMs: number;
  /** Bytes that the engine may still write; `undefined` where its directory is not the server's own. */
  readonly freeBytes: number | undefined;
  readonly images: readonly ServerImage[];
  /** Ports of the loopback on which somebody listens; `undefined` where the system does not say. */
  readonly listening: readonly number[] | undefined;
}

/** An image in the server's engine. */
export interface ServerImage {
  /** On the classic image store the config's digest, on containerd's that of the manifest or index. */
  readonly id: Digest;
  /** `app:1`, `127.0.0.1:40123/transship/…:latest`. */
  readonly names: readonly string[];
  /** `app@sha256:…`: by which digests it was pulled. */
  readonly digests: readonly string[];
  /** DiffIDs, the lowest first. */
  readonly layers: readonly Digest[];
}

const imageFormat =
  '{"id":{{json .Id}},"names":{{json .RepoTags}},"digests":{{json .RepoDigests}},"layers":{{json .RootFS.Layers}}}';

/**
 * The script. Docker takes long to tell of itself (`docker info` looks for its plugins), so the rest is asked meanwhile, and what it
 * says comes last.
 */
export function factsScript(access: DockerAccess): string {
  return `${searchPath}
{ ${access} info --format '{{.DockerRootDir}}{{println}}{{json .}}' 2>&1; echo "exit $?"; } | {
${section("uname")}; uname -m
${section("clock")}; date +%s
${section("flags")}; grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null
${section("emulators")}; grep -l '^enabled' /proc/sys/fs/binfmt_misc/qemu-* /proc/sys/fs/binfmt_misc/rosetta 2>/dev/null
${section("listening")}; cat /proc/net/tcp 2>/dev/null
${section("images")}
ids=$(${access} image ls --no-trunc --quiet 2>/dev/null | sort -u)
test -z "$ids" || ${access} image inspect --format '${imageFormat}' $ids 2>/dev/null
read -r root
${section("disk")}; test -z "$root" || df -Pk "$root" 2>/dev/null
${section("info")}; cat
}`;
}

/** What the script printed. @throws ENGINE_UNREACHABLE and its kin, DOCKER_MISSING: by {@link ./engine-answer.ts} before this is read */
export function readFacts(output: string, access: DockerAccess): ServerFacts {
  const { uname, clock, flags, emulators, listening, images, disk, info } = readSections(output);
  const [json = ""] = (info ?? "").split("\n");
  const engine = readEngineInfo(json);
  return {
    access,
    engine,
    isRootless: readSecurity(json).some((option) => option.startsWith("name=rootless")),
    machine: (uname ?? "").trim(),
    x86Level: x86LevelOf(flags ?? ""),
    emulated: emulatedIn(emulators ?? ""),
    clockMs: Number((clock ?? "").trim()) * 1000,
    freeBytes: freeIn(disk ?? ""),
    images: linesOf(images).flatMap(readImage),
    listening: listenersIn(linesOf(listening)),
  };
}

const security = z.object({
  SecurityOptions: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
});

function readSecurity(json: string): readonly string[] {
  return security.parse(JSON.parse(json)).SecurityOptions;
}

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const image = z.object({
  id: z.string().refine(isDigest),
  names: texts,
  digests: texts,
  layers: z
    .array(z.string().refine(isDigest))
    .nullish()
    .transform((list) => list ?? []),
});

/** A line of another kind is docker's word about an image that was removed meanwhile. */
function readImage(line: string): readonly ServerImage[] {
  return line.startsWith("{") ? [image.parse(JSON.parse(line))] : [];
}

function emulatedIn(files: string): readonly Architecture[] {
  const names = new Set(files.split("\n").map((file) => file.slice(file.lastIndexOf("/") + 1)));
  return architectures.filter((architecture) => {
    const { emulator } = architectureNames({ architecture });
    return names.has(`qemu-${emulator}`) || (architecture === "amd64" && names.has("rosetta"));
  });
}

/** The last line of `df -Pk` (POSIX): blocks of 1024 bytes, the fourth column from the left is what is available. */
function freeIn(table: string): number | undefined {
  const [, line] = table.trim().split("\n");
  const available = Number(line?.trim().split(/\s+/)[3] ?? Number.NaN);
  return Number.isFinite(available) ? available * 1024 : undefined;
}

/** `undefined` where there is not even the table's head. */
function listenersIn(lines: readonly string[]): readonly number[] | undefined {
  return lines.length === 0 ? undefined : lines.flatMap(listenerOf);
}

/** A line of `/proc/net/tcp` (proc(5)): address and port in hexadecimal, the state 0A is LISTEN. */
function listenerOf(line: string): readonly number[] {
  const [, port] = /^\s*\d+: 0100007F:([0-9A-F]{4}) [0-9A-F:]+ 0A /.exec(line) ?? [];
  return port === undefined ? [] : [Number.parseInt(port, 16)];
}

function linesOf(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
