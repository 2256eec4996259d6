/** The flag `--platform` of every verb. */
import { parsePlatform, type Platform } from "../platform/platform.ts";

/** Reads `linux/amd64,linux/arm64`. @throws PLATFORM_UNKNOWN */
export function parsePlatforms(text: string): readonly Platform[] {
  const names = text.split(",").filter((name) => name.trim() !== "");
  return names.map(parsePlatform);
}
