/** Programs and threads of our own that stand in a file of their own. */
import path from "node:path";

/**
 * The file of that name beside a module, which gives its `import.meta.url`: `.ts` in a checkout, `.js` in the published package, where
 * all modules and programs stand in one directory.
 */
export function programUrl(name: string, moduleUrl: string): URL {
  return new URL(`./${name}${path.extname(moduleUrl)}`, moduleUrl);
}
