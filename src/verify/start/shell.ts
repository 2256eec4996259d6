/** The first program that a line of shell runs, where that can be told without running it (POSIX.1-2017, XCU 2). */

export interface ShellCommand {
  /** Name and arguments as far as they are literal; the name always is. */
  readonly argv: readonly string[];
  /** Where `cd` went before, if it did and that is literal. */
  readonly directory?: string;
}

/** Built into every shell, without effect on which program comes next. */
const passedOver = new Set([
  ":",
  "true",
  "export",
  "set",
  "umask",
  "ulimit",
  "unset",
  "echo",
  "printf",
  "readonly",
  "trap",
]);
/** What begins or ends a compound command, and builtins that decide: nothing is said of what comes after. */
const opaque = new Set(
  "if then else elif fi for while until do done case esac in { } ! [ [[ test function eval . source return exit false command type wait read shift".split(
    " ",
  ),
);

/** `undefined` where it is not plain: a compound command, an expansion in the command's name. */
export function firstCommand(line: string): ShellCommand | undefined {
  let directory: string | undefined;
  for (const words of simpleCommands(line)) {
    const [name, ...args] = withoutAssignments(words);
    if (name === undefined) continue;
    if (name === "cd") {
      const [to] = args;
      if (to === undefined || to.startsWith("-")) return undefined;
      directory = to;
    } else if (opaque.has(name)) {
      return undefined;
    } else if (!passedOver.has(name)) {
      const argv = name === "exec" ? args : [name, ...args];
      if (argv[0] === undefined || argv[0].startsWith("-")) return undefined;
      return { argv, ...(directory === undefined ? {} : { directory }) };
    }
  }
  return undefined;
}

function withoutAssignments(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

/** One word: quoted or plain pieces. What is expanded, or means something to the shell, is not among them. */
const word = /^(?:'([^']*)'|"([^"$`\\]*)"|\\(.)|([^\s'"\\$`;&|<>()*?[\]#~]+))/s;

/** The simple commands at the line's beginning, as far as they are literal; the last may be cut short at an expansion. */
function* simpleCommands(line: string): Generator<readonly string[]> {
  let rest = line;
  let words: string[] = [];
  let current: string | undefined;
  const end = () => {
    if (current !== undefined) words.push(current);
    current = undefined;
  };
  while (rest !== "") {
    const [, separator] = /^(?:[ \t]+|\\\n)()/.exec(rest) ?? [];
    if (separator !== undefined) {
      end();
      rest = rest.replace(/^(?:[ \t]+|\\\n)/, "");
      continue;
    }
    const [operator] = /^(?:&&|;|\n)/.exec(rest) ?? [];
    if (operator !== undefined) {
      end();
      yield words;
      words = [];
      rest = rest.slice(operator.length);
      continue;
    }
    const piece = word.exec(rest);
    if (piece === null) {
      // An expansion or another operator: the word that it is part of is not known, those before it are.
      if (words.length > 0) yield words;
      return;
    }
    current = (current ?? "") + (piece[1] ?? piece[2] ?? piece[3] ?? piece[4] ?? "");
    rest = rest.slice(piece[0].length);
  }
  end();
  yield words;
}
