// What the entry scripts share. Plain JavaScript for Node 20, because nothing is installed yet when they run.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The checkout's own Node 24, which the package `node` brings. */
const node = path.join(
  root,
  "node_modules",
  ".bin",
  process.platform === "win32" ? "node.cmd" : "node",
);
const stamp = path.join(root, "node_modules", ".transship-lock");

/**
 * Installs the dependencies unless those of this very lock file are there.
 * @returns {boolean} whether they are there now; if not, npm has said why and the exit code is set
 */
export function installDependencies() {
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return true;
  if (isLink(path.dirname(stamp))) {
    // npm would empty the directory that it leads to, which is another checkout's.
    process.stderr.write(
      "node_modules is a link to another directory: remove the link, then run this again.\n",
    );
    process.exitCode = 4;
    return false;
  }
  process.stderr.write("Installing the dependencies: npm ci\n");
  rmSync(stamp, { force: true });
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // Standard output stays free for the script that goes on.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    process.stderr.write(
      `npm ci failed${npm.error === undefined ? "" : `: ${npm.error.message}`}. Is the package registry reachable? npm ping\n`,
    );
    process.exitCode = 5;
    return false;
  }
  writeFileSync(stamp, wanted);
  return true;
}

/** @param {string} file */
function isLink(file) {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** What a process is started with: the command, the library, and a program of its own. Each stands in dist/ under its own name. */
export const entries = ["src/main.ts", "src/index.ts", "src/process/guarding.ts"];

/**
 * Emits dist/ anew: types by TypeScript's compiler, JavaScript as a few files by esbuild with the packages in them, since finding and
 * reading each of the 500 modules takes longer than most commands. Throws when it does not compile.
 */
export async function buildDistribution() {
  rmSync(path.join(root, "dist"), { recursive: true, force: true });
  execFileSync(path.join(root, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  // It is there only once the dependencies are.
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: "dist",
    entryNames: "[name]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // Packages that are CommonJS call it for node's own modules.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    metafile: true,
    logLevel: "warning",
  });
  const { notices } = await import("./notices.js");
  const text = notices(Object.keys(metafile.inputs), root);
  writeFileSync(path.join(root, "dist", "THIRD_PARTY_LICENSES.txt"), text);
  // What a server runs is read as it stands.
  cpSync(path.join(root, "src", "deploy", "watchdog"), path.join(root, "dist", "watchdog"), {
    recursive: true,
    filter: (file) => !file.endsWith(".ts"),
  });
  chmodSync(path.join(root, "dist", "main.js"), 0o755);
}

/**
 * Goes on in the checkout's own Node with that TypeScript file, and ends as it ends.
 * @param {string} file path in the checkout
 * @param {readonly string[]} args
 */
export function continueWith(file, args = process.argv.slice(2)) {
  const child = spawn(node, [path.join(root, file), ...args], { cwd: root, stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    // From a terminal the child has the signal already; sent to us alone, it has not.
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(
      `${node} does not start: ${error.message}. Remove node_modules and try again.\n`,
    );
    process.exitCode = 70;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
  });
}
