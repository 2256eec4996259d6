/** A stage for the machine that builds, written out: its FROM, the variables and compilers that it needs, its steps. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { pairsOf } from "../../dockerfile/pair.ts";
import type { Dockerfile } from "../../dockerfile/syntax.ts";
import { hasDebianNames, translation } from "./architecture.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Distribution } from "./distribution.ts";
import type { Judgement } from "./judgement.ts";
import type { Toolchain } from "./treatment.ts";
import { writeInstruction, writeRun } from "./writing.ts";

/** The release of xx whose flags are written here. */
const xxImage = "tonistiigi/xx:1.9.0";
const onBuilder = "FROM --platform=$BUILDPLATFORM";

export interface StageWriting {
  readonly dockerfile: Dockerfile;
  readonly platforms: readonly Platform[];
  readonly distribution: Distribution;
  /** What those before it in the same file of lines have set up. */
  readonly names: StageNames;
}

/** The stages that are written before the others, by the image that each is made of. */
export interface StageNames {
  readonly taken: Set<string>;
  readonly images: Map<string, string>;
}

/** What a stage has, its own or from the stage that it is built upon. */
export interface Equipment {
  readonly variables: Set<string>;
  readonly toolchains: Set<Toolchain>;
}

export function newEquipment(): Equipment {
  return { variables: new Set(), toolchains: new Set() };
}

export function buildFrom(image: string, name: string | undefined): string {
  return `${onBuilder} ${image}${name === undefined ? "" : ` AS ${name}`}`;
}

/** The instructions of the stage, those of RUN as they were judged. */
export function stageLines(
  instructions: readonly Instruction[],
  judgements: ReadonlyMap<Instruction, Judgement>,
  equipment: Equipment,
  writing: StageWriting,
): readonly string[] {
  const lines: string[] = [];
  for (const instruction of instructions) {
    const judgement = judgements.get(instruction);
    if (judgement === undefined) lines.push(...otherLines(instruction, equipment, writing));
    else {
      for (const toolchain of judgement.toolchains) {
        lines.push(...toolchainLines(toolchain, judgement, equipment, writing));
      }
      lines.push(...declared(judgement.variables, equipment));
      lines.push(...writeRun(judgement, writing.dockerfile.escape));
    }
  }
  return lines;
}

/** The stages that have to stand before it: those of images that it copies programs from. */
export function prefaceLines({ images }: StageNames): readonly string[] {
  return [...images].flatMap(([image, name]) => [buildFrom(image, name), ""]);
}

/** ARG for those variables that the stage does not have yet. */
function declared(names: readonly string[], { variables }: Equipment): readonly string[] {
  const missing = names.filter((name) => !variables.has(name));
  for (const name of missing) variables.add(name);
  return missing.length === 0 ? [] : [`ARG ${missing.join(" ")}`];
}

function otherLines(
  instruction: Instruction,
  { variables }: Equipment,
  { dockerfile, names }: StageWriting,
): readonly string[] {
  const { escape } = dockerfile;
  if (instruction.keyword === "ARG") {
    const pairs = pairsOf(instruction);
    for (const { name } of pairs) variables.add(name);
    // A default would hide what the builder sets.
    const text = pairs
      .map(({ name, value }) =>
        value === undefined || isAutomatic(name) ? name : `${name}=${value}`,
      )
      .join(" ");
    return writeInstruction(instruction, escape, text);
  }
  if (instruction.keyword !== "COPY") return writeInstruction(instruction, escape);
  const flags = instruction.flags.map((flag) => {
    const isImage = flag.name === "from" && isForeignImage(flag.value ?? "", dockerfile);
    return isImage ? { ...flag, value: stageOfImage(flag.value ?? "", names) } : flag;
  });
  return writeInstruction({ ...instruction, flags }, escape);
}

function isAutomatic(name: string): boolean {
  return /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/.test(name);
}

/** COPY --from=image takes the target's image whatever stage it stands in: a stage of its own takes the builder's. */
function isForeignImage(from: string, { stages }: Dockerfile): boolean {
  const isStage = stages.some(({ name }) => name === from.toLowerCase());
  return from !== "" && !isStage && !/^\d+$/.test(from);
}

function stageOfImage(image: string, { images, taken }: StageNames): string {
  const known = images.get(image);
  if (known !== undefined) return known;
  const last =
    image
      .split("/")
      .at(-1)
      ?.replace(/[:@].*$/, "") ?? "";
  const name = freeName(/^[a-z][\w.-]*$/.test(last) ? last : "tools", taken);
  images.set(image, name);
  return name;
}

/** The name, or the first of `name-2`, `name-3` … that nothing in the file has. */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
  taken.add(name);
  return name;
}

/** The names of stages and images in the file. */
export function takenNames({ stages, instructions }: Dockerfile): Set<string> {
  const from = instructions.flatMap(({ flags }) =>
    flags.flatMap(({ name, value }) =>
      name === "from" && value !== undefined ? [value.toLowerCase()] : [],
    ),
  );
  const names = stages.flatMap(({ name, image }) => [
    image.text.toLowerCase(),
    ...(name === undefined ? [] : [name]),
  ]);
  return new Set([...from, ...names]);
}

function toolchainLines(
  toolchain: Toolchain,
  { libraries }: Judgement,
  equipment: Equipment,
  { platforms, distribution, names }: StageWriting,
): readonly string[] {
  if (equipment.toolchains.has(toolchain)) return [];
  equipment.toolchains.add(toolchain);
  if (toolchain === "crossbuild") {
    const isOwn = hasDebianNames(platforms);
    const word = isOwn ? "" : `${translation("debian", platforms) ?? "exit 1"} && \\\n    `;
    const name = isOwn ? "$TARGETARCH" : "$DEBIAN_ARCH";
    return [
      ...declared(["TARGETARCH"], equipment),
      ...`RUN ${word}apt-get update && apt-get install -y --no-install-recommends crossbuild-essential-${name}`.split(
        "\n",
      ),
    ];
  }
  const more = libraries.map((name) => ` ${name}`).join("");
  const isAlpine = distribution === "alpine";
  return [
    `COPY --from=${stageOfImage(xxImage, names)} / /`,
    isAlpine
      ? "RUN apk add --no-cache clang lld"
      : "RUN apt-get update && apt-get install -y --no-install-recommends clang lld",
    ...declared(["TARGETPLATFORM"], equipment),
    isAlpine
      ? `RUN xx-apk add --no-cache xx-cxx-essentials${more}`
      : `RUN xx-apt-get install -y --no-install-recommends xx-cxx-essentials${more}`,
  ];
}
