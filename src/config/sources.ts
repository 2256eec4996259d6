/** What the files themselves tell before Compose is asked. */
import { isMap, isScalar } from "yaml";
import { locate, type ParsedSource, type Way } from "./locate.ts";
import { nearestWord } from "./words.ts";

/**
 * Whether a file may have a service that is built: it has a build section, or brings in what is not in it (`include`, `extends`, `<<`,
 * a whole service by an alias). One that is not YAML is Compose's to judge.
 */
export function buildsSomething({ document }: ParsedSource): boolean {
  if (document.errors.length > 0) return true;
  const { contents } = document;
  if (!isMap(contents)) return false;
  if (contents.has("include")) return true;
  const services = contents.get("services");
  if (!isMap(services)) return contents.has("services");
  return services.items.some(({ value }) => {
    if (!isMap(value)) return value !== null;
    return ["build", "extends", "<<"].some((key) => value.has(key));
  });
}

/** The services with a build section, by name, as far as the files alone tell. */
export function builtServices(sources: readonly ParsedSource[]): readonly string[] {
  const names = sources.flatMap(({ document: { contents } }) => {
    const services = isMap(contents) ? contents.get("services") : undefined;
    if (!isMap(services)) return [];
    return services.items
      .filter(({ value }) => isMap(value) && value.has("build"))
      .map(({ key }) => String(key));
  });
  return [...new Set(names)];
}

/** A block whose name is not quite ours: Compose leaves every `x-…` alone, so nobody else would say it. */
export function misspelledBlocks(sources: readonly ParsedSource[]): readonly string[] {
  return sources.flatMap((source) => {
    const { contents } = source.document;
    const services = isMap(contents) ? contents.get("services") : undefined;
    const holders: readonly (readonly [Way, unknown])[] = [
      [[], contents],
      ...(isMap(services)
        ? services.items.map(({ key, value }) => [["services", String(key)], value] as const)
        : []),
    ];
    return holders.flatMap(([way, holder]) =>
      namesNear(holder).map((name) => {
        const where = locate([...way, name], [source], "key");
        return `${where}: ${name} is read by nobody. Did you mean x-transship?`;
      }),
    );
  });
}

function namesNear(holder: unknown): readonly string[] {
  const pairs = isMap(holder) ? holder.items : [];
  const names = pairs.map(({ key }) => (isScalar(key) ? String(key.value) : ""));
  return names.filter((name) => {
    const isOther = name.startsWith("x-") && name !== "x-transship";
    return isOther && nearestWord(name, ["x-transship"]) !== undefined;
  });
}
