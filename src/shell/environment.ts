/** The variables, functions and directory of a shell while it runs. */
import type { ShellNode } from "./node.ts";
import { hole, joinedText, unknown, type Value } from "./value.ts";

/** What a function has in common with what called it. */
interface Shared {
  readonly variables: Map<string, Value>;
  readonly exported: Set<string>;
  directory: string | undefined;
  /** What a program that is started now finds, where it was asked for since the last change. */
  snapshot?: ReadonlyMap<string, Value> | undefined;
  /** Told how many variables are copied. */
  readonly spend: (count: number) => void;
}

/** What a shell says of a directory. */
export function placeOf(directory: string | undefined): Value {
  return directory === undefined ? unknown : { text: directory };
}

export class Environment {
  readonly #shared: Shared;
  readonly functions: Map<string, ShellNode>;
  /** Undefined where they are not known. */
  arguments: readonly Value[] | undefined;
  /** Whether it may have variables that nobody knows of: a file was sourced. */
  isOpen: boolean;

  private constructor(
    shared: Shared,
    functions: Map<string, ShellNode>,
    args: readonly Value[] | undefined,
    isOpen: boolean,
  ) {
    this.#shared = shared;
    this.functions = functions;
    this.arguments = args;
    this.isOpen = isOpen;
  }

  /** What a shell starts with: all of it is exported. */
  static of(
    variables: ReadonlyMap<string, Value>,
    directory: string | undefined,
    spend: Shared["spend"],
  ): Environment {
    const exported = new Set(variables.keys());
    const shared = { variables: new Map(variables), exported, directory, spend };
    return new Environment(shared, new Map(), undefined, false);
  }

  /** What a subshell gets. */
  fork(): Environment {
    const { variables, exported, ...rest } = this.#shared;
    rest.spend(variables.size);
    const shared = { ...rest, variables: new Map(variables), exported: new Set(exported) };
    return new Environment(shared, new Map(this.functions), this.arguments, this.isOpen);
  }

  /** The same variables, with the arguments of a function. */
  called(args: readonly Value[]): Environment {
    return new Environment(this.#shared, this.functions, args, this.isOpen);
  }

  /** What a shell gets that it starts: what is exported. */
  started(args: readonly Value[]): Environment {
    const { exported, directory, spend } = this.#shared;
    const variables = new Map(this.exported());
    const shared = { variables, exported: new Set(exported), directory, spend };
    return new Environment(shared, new Map(), args, this.isOpen);
  }

  /** The value of a variable or of an argument; undefined where it is not set. */
  get(name: string): Value | undefined {
    if (/^\d+$/.test(name))
      return this.arguments === undefined ? unknown : this.arguments[Number(name) - 1];
    if (name === "@" || name === "*") {
      if (this.arguments === undefined) return unknown;
      const texts = this.arguments.map(({ text }) => text);
      return { text: joinedText(texts, " ") };
    }
    if (/^[#?$!-]$/.test(name)) return unknown;
    if (name === "PWD") return placeOf(this.directory);
    return this.#shared.variables.get(name) ?? (this.isOpen ? unknown : undefined);
  }

  /** Undefined where it is not known. */
  get directory(): string | undefined {
    return this.#shared.directory;
  }

  set directory(directory: string | undefined) {
    this.#shared.directory = directory;
  }

  set(name: string, value: Value): void {
    this.#shared.variables.set(name, value);
    if (this.#shared.exported.has(name)) this.#shared.snapshot = undefined;
  }

  export(name: string): void {
    this.#shared.exported.add(name);
    this.#shared.snapshot = undefined;
  }

  unset(name: string): void {
    this.#shared.variables.delete(name);
    this.#shared.exported.delete(name);
    this.#shared.snapshot = undefined;
  }

  /** What a program that is started now finds in its environment. */
  exported(): ReadonlyMap<string, Value> {
    const { variables, exported, snapshot, spend } = this.#shared;
    if (snapshot !== undefined) return snapshot;
    spend(variables.size);
    const found = new Map([...variables].filter(([name]) => exported.has(name)));
    this.#shared.snapshot = found;
    return found;
  }

  /** Takes over what holds after one of several ways was gone, and nobody knows which: what differs is not known. */
  merge(ways: readonly Environment[]): void {
    const names = new Set(ways.flatMap((way) => [...way.#shared.variables.keys()]));
    for (const name of names) {
      const values = ways.map((way) => way.#shared.variables.get(name));
      const [first] = values;
      const isSame = values.every((value) => value?.text === first?.text);
      this.set(name, isSame && first !== undefined ? first : { text: hole });
    }
    const directories = new Set(ways.map(({ directory }) => directory));
    if (directories.size > 0) {
      this.directory = directories.size === 1 ? ways[0]?.directory : undefined;
    }
    const texts = ways.map(({ arguments: args }) => args?.map(({ text }) => text).join(" "));
    if (new Set(texts).size === 1) this.arguments = ways[0]?.arguments;
    else if (ways.length > 0) this.arguments = undefined;
    for (const way of ways) {
      this.isOpen ||= way.isOpen;
      for (const name of way.#shared.exported) this.export(name);
      for (const [name, body] of way.functions) this.functions.set(name, body);
    }
  }
}
