/** What simple programs print, where that follows from their arguments, their input and the machine. */
import { filtered } from "./filter.ts";
import type { Machine } from "./machine.ts";
import { hole, type Field, joinedText, type Value } from "./value.ts";

/** The questions that ask the machine, by their words. */
const questions: ReadonlyMap<string, (machine: Machine) => string> = new Map<
  string,
  (machine: Machine) => string
>([
  ["uname -m", ({ kernel }) => kernel],
  ["uname -p", () => hole],
  ["uname --machine", ({ kernel }) => kernel],
  ["arch", ({ kernel }) => kernel],
  ["dpkg --print-architecture", ({ debian }) => debian],
  ["dpkg-architecture -q DEB_BUILD_ARCH", ({ debian }) => debian],
  ["apk --print-arch", ({ alpine }) => alpine],
  ["go env GOARCH", ({ go }) => go],
  ["go env GOHOSTARCH", ({ go }) => go],
  ["rpm --eval %{_arch}", ({ kernel }) => kernel],
  ["rpm -E %{_arch}", ({ kernel }) => kernel],
  ["uname -s", () => "Linux"],
  ["uname", () => "Linux"],
]);

/** Programs that print nothing where all goes well. */
const silent: ReadonlySet<string> = new Set(
  "cd export readonly local declare typeset set unset shift true false : [ test mkdir rm mv cp ln chmod chown touch exit return trap umask . source shift break continue read".split(
    " ",
  ),
);

export function outputOf(
  [name, ...args]: readonly Field[],
  input: Value | undefined,
  machine: Machine | undefined,
): Value {
  const program = name?.text ?? "";
  if (silent.has(program)) return { text: "" };
  if (program === "echo") return echoed(args);
  if (program === "printf") return formatted(args);
  const words = [name, ...args].map((field) => field?.text ?? "").join(" ");
  const question = questions.get(words);
  if (question !== undefined) {
    return { text: machine === undefined ? hole : question(machine), asked: words };
  }
  if (input === undefined) return { text: hole };
  return {
    text:
      filtered(
        program,
        args.map(({ text }) => text),
        input.text,
      ) ?? hole,
    asked: input.asked,
  };
}

function echoed(args: readonly Field[]): Value {
  const options = args.findIndex(({ text }) => !/^-[neE]+$/.test(text));
  const words = options === -1 ? [] : args.slice(options);
  const texts = words.map(({ text }) => text);
  return { text: joinedText(texts, " "), asked: askedIn(words) };
}

function formatted([format, ...args]: readonly Field[]): Value {
  const template = format?.text ?? "";
  if (!/^[^%\\]*(?:%s[^%\\]*)*(?:\\n)?$/.test(template)) return { text: hole };
  if (joinedText([template, ...args.map(({ text }) => text)], "") === hole) return { text: hole };
  let at = 0;
  const text = template.replace(/\\n$/, "").replaceAll("%s", () => args[at++]?.text ?? "");
  return { text: at < args.length ? hole : text, asked: askedIn(args) };
}

function askedIn(fields: readonly Field[]): string | undefined {
  return fields.flatMap(({ segments }) => segments).find(({ asked }) => asked !== undefined)?.asked;
}
