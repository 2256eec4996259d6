/** What the files themselves tell before Compose is asked. */
import { isMap } from "yaml";
import type { ParsedSource } from "./locate.ts";

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
