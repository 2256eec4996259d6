/**
 * `build.target` of Cargo's configuration (https://doc.rust-lang.org/cargo/reference/config.html): looked for in the directory
 * that cargo runs in and in those above it, then in its home.
 */
import path from "node:path";
import { parse } from "smol-toml";
import { hole } from "../../shell/value.ts";
import { lineAt } from "../brought-file.ts";
import type { Program } from "../program.ts";
import type { TargetView } from "../view.ts";
import type { Told } from "./compile.ts";

const file = ".cargo/config.toml";

/** What the configuration that the program finds tells it. */
export function configuredTarget(program: Program): Told | undefined {
  const { step, directory, environment, word } = program;
  const home = environment.get("CARGO_HOME")?.text ?? "/usr/local/cargo";
  const places = [
    ...above(directory).map((one) => path.posix.join(one, file)),
    `${home}/config.toml`,
  ];
  for (const place of places) {
    const found = step.fileAt(place);
    const text = found && targetIn(found.text);
    if (found === undefined || text === undefined) continue;
    const at = found.text.search(/\btarget[\t ]*=/);
    const within = `${found.path}:${lineAt(found.text, Math.max(0, at))}`;
    return { text, range: { ...program.rangeOf(word), within } };
  }
  return undefined;
}

/** Whether a configuration lies in the context that may name a target, wherever it comes to lie. */
export function mayBeConfigured({ context, texts }: TargetView): boolean {
  return [...(context?.files ?? [])].some((one) => {
    if (one !== file && !one.endsWith(`/${file}`)) return false;
    const text = texts?.get(one);
    return text === undefined || targetIn(text) !== undefined;
  });
}

/** The triple, several behind each other, or a hole where nobody can tell. */
function targetIn(text: string): string | undefined {
  if (!text.includes("target")) return undefined;
  try {
    // Without zod, which takes longer to load than all else here: an editor waits for it.
    const { build } = parse(text);
    if (typeof build !== "object" || !("target" in build)) return undefined;
    const { target } = build;
    if (typeof target === "string") return target;
    return Array.isArray(target) && target.every((one) => typeof one === "string")
      ? target.join(" ")
      : hole;
  } catch {
    return hole;
  }
}

function above(directory: string | undefined): readonly string[] {
  if (directory === undefined) return [];
  const found = [directory];
  for (let at = directory; at !== "/" && at !== "."; found.push(at)) at = path.posix.dirname(at);
  return found;
}
