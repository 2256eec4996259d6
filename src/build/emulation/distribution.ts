/** The distribution of an image, from the package managers that a stage calls, else from the image's name. */
import type { Program } from "./program.ts";

export type Distribution = "debian" | "alpine" | "other";

/** Official images that are made of Debian or Ubuntu where their tag does not say otherwise. */
const ofDebian =
  /(?:^|\/)(?:debian|ubuntu|buildpack-deps|gcc|golang|rust|node|python|ruby|php|perl|maven|eclipse-temurin|openjdk|sdk|aspnet)(?::|@|$)/;

export function distributionOf(image: string, programs: readonly Program[]): Distribution {
  const names = new Set(programs.map(({ name }) => name));
  if (names.has("apk")) return "alpine";
  if (names.has("apt-get") || names.has("apt")) return "debian";
  if (["dnf", "microdnf", "yum", "zypper", "pacman", "tdnf"].some((name) => names.has(name)))
    return "other";
  if (/alpine/.test(image)) return "alpine";
  if (/(?:bookworm|bullseye|trixie|noble|jammy|focal)/.test(image)) return "debian";
  return ofDebian.test(image) && !/windows|nanoserver|azurelinux|ubi/.test(image)
    ? "debian"
    : "other";
}
