/** The lock files that are read, and the files beside each that say for which platforms its tool installs. */
const settings = {
  "package-lock.json": [],
  "npm-shrinkwrap.json": [],
  "pnpm-lock.yaml": ["pnpm-workspace.yaml", "package.json"],
  "yarn.lock": [".yarnrc.yml"],
  "uv.lock": [],
  "poetry.lock": [],
  "requirements.txt": [],
  "Gemfile.lock": [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type LockFileName = keyof typeof settings;

export function isLockFile(name: string): name is LockFileName {
  return Object.hasOwn(settings, name);
}

/** None where the name is no lock file's. */
export function settingsBeside(name: string): readonly string[] {
  return isLockFile(name) ? settings[name] : [];
}
