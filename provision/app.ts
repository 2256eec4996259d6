/** The service that tests and benchmarks deploy (`test/end-to-end/app/`), which behaves as its environment says: one static program of Go. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { distribution, hasCommands, installPackages } from "./debian.ts";
import { builtOnce, type Cannot, cannot, isRoot, type Site } from "./site.ts";

const source = fileURLToPath(new URL("../test/end-to-end/app/", import.meta.url));

export interface App {
  readonly outcome: "ready";
  /** Its path. */
  readonly program: string;
}

/** Built once a machine for each architecture (as Go names it), and anew when its source has changed. */
export async function ensureApp(site: Site, architecture: string): Promise<App | Cannot> {
  const name = `app-${architecture}-${(await sourceHash()).slice(0, 12)}`;
  if (!(await hasCommands(site, "go")) && !(await canInstall()))
    return cannot("there is no Go to build the app with, and no Debian or Ubuntu to get it from");
  const built = await builtOnce(site, name, async (directory) => {
    site.report(`Building the app to deploy for ${architecture} (about half a minute)`);
    // That of Debian 12 and Ubuntu 22.04 is new enough, and there is nothing to download for it.
    if (!(await hasCommands(site, "go"))) await installPackages(site, ["golang-go"]);
    const env = { CGO_ENABLED: "0", GOOS: "linux", GOARCH: architecture, GOFLAGS: "" };
    const flags = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];
    const output = path.join(directory, "app");
    await site.run(["go", "build", ...flags, "-o", output, "."], { cwd: source, env });
  });
  return { outcome: "ready", program: path.join(built, "app") };
}

async function canInstall(): Promise<boolean> {
  return isRoot() && ["debian", "ubuntu"].includes(await distribution());
}

async function sourceHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(source)).toSorted())
    hash.update(name).update(await readFile(path.join(source, name)));
  return hash.digest("hex");
}
