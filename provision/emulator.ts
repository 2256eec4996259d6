/** The kernel's emulators: qemu's user emulation through binfmt_misc (Linux, Documentation/admin-guide/binfmt-misc.rst). */
import { readFile, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { architectureNames, runsNatively } from "../src/platform/machine.ts";
import { parsePlatform, type Platform } from "../src/platform/platform.ts";
import { distribution, installPackages } from "./debian.ts";
import { type Cannot, cannot, exists, isRoot, type Site } from "./site.ts";

const binfmt = "/proc/sys/fs/binfmt_misc";

/** The platform of this machine's kernel. */
function hostPlatform(): Platform {
  return parsePlatform(arch() === "x64" ? "amd64" : arch());
}

/**
 * Registers an emulator for each of these platforms that this machine does not run itself; those that are registered stay as they are.
 * The engine of a Mac brings its own, so there is nothing to do there.
 */
export async function ensureEmulators(
  site: Site,
  platforms: readonly string[],
): Promise<{ readonly outcome: "ready" } | Cannot> {
  const host = hostPlatform();
  const foreign = platforms.map(parsePlatform).filter((platform) => !runsNatively(platform, host));
  if (process.platform !== "linux" || foreign.length === 0) return { outcome: "ready" };
  const missing: string[] = [];
  for (const platform of foreign) {
    const { emulator } = architectureNames(platform);
    if (!(await isRegistered(emulator))) missing.push(emulator);
  }
  if (missing.length === 0) return { outcome: "ready" };
  if (!isRoot()) {
    return cannot(
      "An emulator must be registered by root: sudo apt-get install qemu-user-static, or docker run --privileged --rm tonistiigi/binfmt --install all",
    );
  }
  for (const emulator of missing) await register(site, emulator);
  return { outcome: "ready" };
}

async function isRegistered(emulator: string): Promise<boolean> {
  const entry = await readFile(`${binfmt}/qemu-${emulator}`, "utf8").catch(() => "");
  return entry.startsWith("enabled");
}

async function register(site: Site, emulator: string): Promise<void> {
  const rule = `/usr/lib/binfmt.d/qemu-${emulator}.conf`;
  if (!(await exists(rule))) {
    if (!["debian", "ubuntu"].includes(await distribution())) {
      throw new Error(`Install qemu's user emulators (qemu-user-static) first; ${rule} is missing`);
    }
    site.report("Installing the emulators: qemu-user-static");
    await installPackages(site, ["qemu-user-static"]);
  }
  if (!(await exists(`${binfmt}/register`))) {
    await site.run(["mount", "-t", "binfmt_misc", "binfmt_misc", binfmt]);
  }
  // Where binfmt-support or systemd runs, installing the package has registered it by now.
  if (await isRegistered(emulator)) return;
  if (await exists(`${binfmt}/qemu-${emulator}`)) {
    site.report(`Switching on the emulator of ${emulator}`);
    await writeFile(`${binfmt}/qemu-${emulator}`, "1");
    return;
  }
  site.report(`Registering the emulator of ${emulator}`);
  const lines = (await readFile(rule, "utf8")).split("\n");
  const line = lines.find((text) => text.startsWith(":"));
  if (line === undefined) throw new Error(`${rule} holds no rule`);
  await writeFile(`${binfmt}/register`, line);
}
