/** The variables and functions of a shell while it runs. */
import type { ShellNode } from "./node.ts";
import { hole, unknown, type Value } from "./value.ts";

export class Environment {
  readonly #variables: Map<string, Value>;
  readonly #exported: Set<string>;
  readonly functions: Map<string, ShellNode>;
  /** Undefined where they are not known. */
  arguments: readonly Value[] | undefined;
  /** Whether it may have variables that nobody knows of: a file was sourced. */
  isOpen: boolean;

  private constructor(
    variables: Map<string, Value>,
    exported: Set<string>,
    functions: Map<string, ShellNode>,
    args: readonly Value[] | undefined,
    isOpen: boolean,
  ) {
    this.#variables = variables;
    this.#exported = exported;
    this.functions = functions;
    this.arguments = args;
    this.isOpen = isOpen;
  }

  /** What a shell starts with: all of it is exported. */
  static of(variables: ReadonlyMap<string, Value>): Environment {
    return new Environment(
      new Map(variables),
      new Set(variables.keys()),
      new Map(),
      undefined,
      false,
    );
  }

  /** What a subshell gets. */
  fork(): Environment {
    const { functions, arguments: args, isOpen } = this;
    return new Environment(
      new Map(this.#variables),
      new Set(this.#exported),
      new Map(functions),
      args,
      isOpen,
    );
  }

  /** The same variables, with the arguments of a function. */
  called(args: readonly Value[]): Environment {
    return new Environment(this.#variables, this.#exported, this.functions, args, this.isOpen);
  }

  /** The value of a variable or of an argument; undefined where it is not set. */
  get(name: string): Value | undefined {
    if (/^\d+$/.test(name))
      return this.arguments === undefined ? unknown : this.arguments[Number(name) - 1];
    if (name === "@" || name === "*") {
      if (this.arguments === undefined) return unknown;
      return { text: this.arguments.map(({ text }) => text).join(" ") };
    }
    if (/^[#?$!-]$/.test(name)) return unknown;
    return this.#variables.get(name) ?? (this.isOpen ? unknown : undefined);
  }

  set(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  export(name: string): void {
    this.#exported.add(name);
  }

  unset(name: string): void {
    this.#variables.delete(name);
    this.#exported.delete(name);
  }

  /** What a program that is started now finds in its environment. */
  exported(): ReadonlyMap<string, Value> {
    return new Map([...this.#variables].filter(([name]) => this.#exported.has(name)));
  }

  /** Takes over what holds after one of several ways was gone, and nobody knows which: what differs is not known. */
  merge(ways: readonly Environment[]): void {
    const names = new Set(ways.flatMap((way) => [...way.#variables.keys()]));
    for (const name of names) {
      const values = ways.map((way) => way.#variables.get(name));
      const [first] = values;
      const isSame = values.every((value) => value?.text === first?.text);
      if (isSame && first !== undefined) this.#variables.set(name, first);
      else this.#variables.set(name, { text: hole });
    }
    const texts = ways.map(({ arguments: args }) => args?.map(({ text }) => text).join(" "));
    if (new Set(texts).size === 1) this.arguments = ways[0]?.arguments;
    else if (ways.length > 0) this.arguments = undefined;
    for (const way of ways) {
      this.isOpen ||= way.isOpen;
      for (const name of way.#exported) this.#exported.add(name);
      for (const [name, body] of way.functions) this.functions.set(name, body);
    }
  }
}
