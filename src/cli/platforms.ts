/** The flag `--platform` of every verb. */
import { fail } from "../errors.ts";
import { parsePlatform, type Platform } from "../platform/platform.ts";

/** Reads `linux/amd64,linux/arm64`. @throws PLATFORM_UNKNOWN, USAGE where it names none */
export function parsePlatforms(text: string): readonly Platform[] {
  const names = text.split(",").filter((name) => name.trim() !== "");
  if (names.length === 0) {
    throw fail("USAGE", { problem: "--platform names no platform.", command: "transship" });
  }
  return names.map(parsePlatform);
}
