/** Jars and wheels that bring native libraries: whether those of the platform are among them. */
import type { ArchiveMember, Content } from "../binary/content.ts";
import { elfName } from "../binary/elf/header.ts";
import type { Node } from "../filesystem/tree.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { evidenceOf, type Finding } from "./finding.ts";
import { machineFit } from "./machine.ts";
import { type Origin, originOf } from "./origin.ts";
import { platformNamedBy } from "./platform-words.ts";
import { archivePlatform } from "./rules/archive-platform.ts";

export function archiveFindings(
  path: string,
  node: Node,
  { members }: Extract<Content, { kind: "archive" }>,
  { platform, origins }: { readonly platform: Platform; readonly origins: readonly Origin[] },
): readonly Finding[] {
  const native = members.flatMap(elfMember);
  if (native.length === 0) return [];
  const about = {
    rule: archivePlatform.id,
    severity: "warning" as const,
    path,
    ...originOf(origins, node),
    fix: archivePlatform.fix,
  };
  const lying = native.find((one) => namesPlatform(one.path, platform) && !fits(one, platform));
  if (lying !== undefined) {
    const message = `${path} holds ${lying.path}, which is made for ${elfName(lying.elf)}.`;
    return [{ ...about, message }];
  }
  if (native.some((one) => fits(one, platform))) return [];
  const machines = [...new Set(native.map(({ elf }) => elfName(elf)))].join(", ");
  const message = `${path} brings native libraries for ${machines}, and none for ${formatPlatform(platform)}.`;
  return [{ ...about, message, evidence: evidenceOf(native) }];
}

type ElfMember = { readonly path: string } & Extract<ArchiveMember["content"], { kind: "elf" }>;

function elfMember({ path, content }: ArchiveMember): readonly ElfMember[] {
  return content.kind === "elf" ? [{ path, ...content }] : [];
}

function fits({ elf }: ElfMember, platform: Platform): boolean {
  return machineFit(elf, platform) === "yes";
}

function namesPlatform(path: string, { architecture }: Platform): boolean {
  const named = platformNamedBy(path);
  return named?.os === "linux" && named.architecture === architecture;
}
