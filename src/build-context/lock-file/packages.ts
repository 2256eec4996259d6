/**
 * The `[[package]]` tables that uv and Poetry write, line by line: they write each file and each dependency in a line of its own,
 * and a whole reader of TOML would be a dependency more.
 */

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** The names and the addresses of its files, wheels and archives of sources. */
  readonly files: readonly string[];
  readonly dependencies: readonly LockedDependency[];
  /** The other keys of its table, as they are written: `source`, `markers`, `sdist`. */
  readonly keys: ReadonlyMap<string, string>;
}

interface LockedDependency {
  readonly name: string;
  readonly marker?: string;
}

const dependencyTables = /^\[package\.(?:dependencies|optional-dependencies)\]$/;
const fileKeys = new Set(["files", "wheels", "sdist"]);

export function readPackages(text: string): readonly LockedPackage[] {
  const [, ...blocks] = text.split(/^\[\[package\]\][ \t]*\r?$/m);
  return blocks.map(readBlock);
}

function readBlock(block: string): LockedPackage {
  const keys = new Map<string, string>();
  const files: string[] = [];
  const dependencies: LockedDependency[] = [];
  let place: "package" | "dependencies" | "elsewhere" = "package";
  /** The key whose list has not ended yet. */
  let list: string | undefined;
  for (const line of block.split(/\r?\n/)) {
    const [, quoted, value = ""] = /^("[^"]*"|[\w.-]+) = (.*)$/.exec(line) ?? [];
    const key = quoted?.replaceAll('"', "");
    if (line.startsWith("[")) place = dependencyTables.test(line) ? "dependencies" : "elsewhere";
    if (place === "package" && key !== undefined) keys.set(key, value);
    if (line.startsWith("[") || line === "]") list = undefined;
    else if (value === "[") list = key;
    else if (place === "package" && fileKeys.has(list ?? key ?? "")) files.push(...filesIn(line));
    else if (place === "dependencies" || (place === "package" && list === "dependencies"))
      dependencies.push(...dependenciesIn(line, key ?? list));
  }
  const plain = (key: string) => textOf(keys.get(key) ?? "");
  return { name: plain("name"), version: plain("version"), files, dependencies, keys };
}

function filesIn(line: string): readonly string[] {
  return Array.from(
    line.matchAll(/\b(?:url|file|filename|path) = "([^"]*)"/g),
    ([, file = ""]) => file,
  );
}

/** uv's `{ name = "a", marker = "…" }`; in Poetry's table the key is the name. */
function dependenciesIn(line: string, key: string | undefined): readonly LockedDependency[] {
  const name = /\bname = "([^"]*)"/.exec(line)?.[1] ?? key;
  if (name === undefined || name === "") return [];
  const marker = /\bmarkers? = "((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  return [{ name, ...(marker === undefined ? {} : { marker }) }];
}

function textOf(value: string): string {
  return /^"([^"]*)"/.exec(value)?.[1] ?? "";
}
