/** crane (google/go-containerregistry): the registry client that benchmarks measure against, built from its Go module. */
import path from "node:path";
import { hasCommands } from "./debian.ts";
import { builtOnce, type Cannot, cannot, type Site } from "./site.ts";

const version = "v0.22.1";
const program = `github.com/google/go-containerregistry/cmd/crane@${version}`;

export interface Crane {
  readonly outcome: "ready";
  /** Its path. */
  readonly crane: string;
}

/** Built once a machine. */
export async function ensureCrane(site: Site): Promise<Crane | Cannot> {
  if (!(await hasCommands(site, "go"))) return cannot("there is no Go to build crane with");
  const built = await builtOnce(site, `crane-${version}`, async (directory) => {
    site.report(`Building crane ${version} from its Go module`);
    const env = { GOBIN: directory, CGO_ENABLED: "0", GOFLAGS: "-modcacherw" };
    await site.run(["go", "install", program], { env });
  });
  return { outcome: "ready", crane: path.join(built, "crane") };
}
