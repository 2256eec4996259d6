/** The paths of a layer in columns. An archive mostly lists what lies in one directory together: its path is there once for all of it. */
import { growingBytes, growingIntegers } from "./growing.ts";
import { namesOf, writeName } from "./names.ts";

export interface PathColumns {
  /** Which of the directories each entry lies in. */
  readonly places: Int32Array;
  /** Their paths, a NUL behind each; one that the archive comes back to is there again. */
  readonly directories: Buffer;
  /** The entries' names below them, a NUL behind each. */
  readonly names: Buffer;
}

export interface PathsWriter {
  /** Adds a path, without a slash at its beginning or end. */
  add(path: string): void;
  /** How many characters {@link PathsWriter.add} would write. */
  weight(path: string): number;
  finish(): PathColumns;
}

export function pathsWriter(): PathsWriter {
  const [places, directories, names] = [growingIntegers(), growingBytes(), growingBytes()];
  let directory: string | undefined;
  let count = 0;
  /** Whether a path, whose last slash is there, lies in the directory of the one before. */
  const isBeside = (path: string, slash: number) =>
    directory?.length === Math.max(slash, 0) && path.startsWith(directory);
  return {
    add(path) {
      const slash = path.lastIndexOf("/");
      if (!isBeside(path, slash)) {
        directory = path.slice(0, Math.max(slash, 0));
        writeName(directories, directory);
        count += 1;
      }
      places.push(count - 1);
      writeName(names, path.slice(slash + 1));
    },
    weight(path) {
      const slash = path.lastIndexOf("/");
      return isBeside(path, slash) ? path.length - slash - 1 : path.length;
    },
    finish: () => ({
      places: places.finish(),
      directories: directories.finish(),
      names: names.finish(),
    }),
  };
}

export interface Paths {
  readonly length: number;
  at(n: number): string;
  /** Behind its last slash. */
  last(n: number): string;
  /** Before its last slash; empty where it has none. */
  above(n: number): string;
  /** Whether it lies in the same directory as the path before it. */
  isBeside(n: number): boolean;
}

/** The paths again. @throws RangeError where the columns do not fit together */
export function pathsOf({ places, ...texts }: PathColumns): Paths {
  const [directories, names] = [namesOf(texts.directories), namesOf(texts.names)];
  if (names.length !== places.length) throw new RangeError("There is another number of paths.");
  const above = (n: number) => directories.at(places[n] ?? 0);
  return {
    length: names.length,
    at(n) {
      const directory = above(n);
      return directory === "" ? names.at(n) : `${directory}/${names.at(n)}`;
    },
    last: (n) => names.at(n),
    above,
    isBeside: (n) => n > 0 && places[n] === places[n - 1],
  };
}
