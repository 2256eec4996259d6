/** Where in the project's files stands what Compose refuses: it names the way to it, and mostly no line (compose-spec/compose-go). */
import { isMap } from "yaml";
import { isFailure, fail } from "../errors.ts";
import { locate, type ParsedSource, placeAt, type Way } from "./locate.ts";

/** The same error with the place in front, where it can be told; any other as it is. */
export function placed(error: unknown, sources: readonly ParsedSource[]): unknown {
  if (!isFailure(error, "COMPOSE_INVALID")) return error;
  const words = String(error.facts["problem"]).replace(/^validating .*?\.ya?ml: +/, "");
  const file = placeOf(words, sources);
  return file === undefined ? error : fail("COMPOSE_INVALID", { file, problem: words });
}

function placeOf(words: string, sources: readonly ParsedSource[]): string | undefined {
  if (words.startsWith("yaml: ")) return syntaxPlace(sources);
  // As compose-go 2.2 and as older ones say it.
  const unknown =
    /^(?:(\S+) )?additional properties '(?<key>[^']+)'/.exec(words) ??
    /^(\S+) Additional property (?<key>\S+) is not allowed/.exec(words);
  const within = unknown?.[1]?.replace("(root)", "") ?? "";
  const key = unknown?.groups?.["key"];
  if (key !== undefined) return locate([...wayOf(within, sources), key], sources, "key");
  const [, service] = /^service "([^"]+)" depends on undefined service/.exec(words) ?? [];
  if (service !== undefined) return locate(["services", service, "depends_on"], sources, "value");
  const [, filled] = /^error while interpolating (\S+): /.exec(words) ?? [];
  const [, refused] = /^((?:services|secrets|networks|volumes|configs)\.\S+) /.exec(words) ?? [];
  const path = filled ?? refused;
  return path === undefined ? undefined : locate(wayOf(path, sources), sources, "value");
}

/** As our own reader of YAML sees it: Compose names lines, and mostly that of the block around it. */
function syntaxPlace(sources: readonly ParsedSource[]): string | undefined {
  for (const source of sources) {
    const [first] = source.document.errors;
    if (first !== undefined) return placeAt(source, first.pos[0]);
  }
  return undefined;
}

/** `services.my.web.ports.0`: a service's name may have dots of its own. */
function wayOf(path: string, sources: readonly ParsedSource[]): Way {
  const [group = "", ...rest] = path.split(".");
  const names = sources.flatMap(({ document: { contents } }) => {
    const map = isMap(contents) ? contents.get(group) : undefined;
    return isMap(map) ? map.items.map(({ key }) => String(key)) : [];
  });
  const inGroup = rest.join(".");
  const name = names
    .toSorted((one, other) => other.length - one.length)
    .find((one) => inGroup === one || inGroup.startsWith(`${one}.`));
  if (name === undefined) return [group, ...rest].filter((step) => step !== "");
  const below = inGroup.slice(name.length).split(".").slice(1);
  return [group, name, ...below.map((step) => (/^\d+$/.test(step) ? Number(step) : step))];
}
