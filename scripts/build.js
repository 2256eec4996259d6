// `npm run build`: emits dist/ from src/ with TypeScript's own compiler.
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import path from "node:path";
import { installDependencies, root } from "./checkout.js";

if (installDependencies()) {
  rmSync(path.join(root, "dist"), { recursive: true, force: true });
  execFileSync(path.join(root, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  chmodSync(path.join(root, "dist", "main.js"), 0o755);
}
