/** `test`, `[ … ]` and `[[ … ]]`, as far as their operands are known (POSIX.1-2017, XCU test). */
import { matchesGlob } from "./pattern.ts";
import { hole } from "./value.ts";

/** Whether it holds; undefined where that cannot be told. */
export function testHolds(
  operands: readonly string[],
  { isExtended }: { readonly isExtended: boolean },
): boolean | undefined {
  const reader = new Reader(operands, isExtended);
  const holds = reader.or();
  return reader.isAtEnd ? holds : undefined;
}

class Reader {
  #at = 0;
  readonly #operands: readonly string[];
  readonly #isExtended: boolean;

  constructor(operands: readonly string[], isExtended: boolean) {
    this.#operands = operands;
    this.#isExtended = isExtended;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#operands.length;
  }

  or(): boolean | undefined {
    let holds = this.#and();
    while (this.#take("-o", "||")) {
      const other = this.#and();
      if (holds !== true) holds = other === true ? true : both(holds, other);
    }
    return holds;
  }

  #and(): boolean | undefined {
    let holds = this.#not();
    while (this.#take("-a", "&&")) {
      const other = this.#not();
      if (holds !== false) holds = other === false ? false : both(holds, other);
    }
    return holds;
  }

  #not(): boolean | undefined {
    if (this.#operands.length - this.#at > 1 && this.#take("!")) {
      const holds = this.#not();
      return holds === undefined ? undefined : !holds;
    }
    if (this.#take("(")) {
      const holds = this.or();
      this.#take(")");
      return holds;
    }
    return this.#primary();
  }

  #primary(): boolean | undefined {
    const [first = "", sign, second] = this.#operands.slice(this.#at, this.#at + 3);
    if (sign !== undefined && second !== undefined && comparisons.has(sign)) {
      this.#at += 3;
      return this.#compare(first, sign, second);
    }
    if (/^-[a-zA-Z]$/.test(first) && sign !== undefined) {
      this.#at += 2;
      if (first !== "-n" && first !== "-z") return undefined;
      if (sign.includes(hole)) return sign.replaceAll(hole, "") === "" ? undefined : first === "-n";
      return (first === "-n") === (sign !== "");
    }
    this.#at += 1;
    return first.includes(hole) ? undefined : first !== "";
  }

  #compare(first: string, sign: string, second: string): boolean | undefined {
    if (first.includes(hole) || second.includes(hole)) return undefined;
    if (sign === "=" || sign === "==" || sign === "!=") {
      const isEqual = this.#isExtended ? matchesGlob(first, second) : first === second;
      return isEqual === undefined ? undefined : isEqual === (sign !== "!=");
    }
    return undefined;
  }

  #take(...texts: readonly string[]): boolean {
    const isThere = texts.includes(this.#operands[this.#at] ?? "");
    if (isThere) this.#at += 1;
    return isThere;
  }
}

const comparisons: ReadonlySet<string> = new Set(
  "= == != =~ -eq -ne -lt -le -gt -ge -nt -ot -ef < >".split(" "),
);

function both(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  return one === other ? one : undefined;
}
