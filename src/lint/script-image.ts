/** Programs that are no machine's code and run on every platform, and the images that are copied from for them. */
import type { Reference } from "../oci/reference.ts";

const scripts: readonly (readonly [RegExp, string])[] = [
  [/^tonistiigi\/xx$/, "shell scripts that set up cross compilers"],
  [/^(?:library\/composer|composer\/composer)$/, "a PHP archive"],
  [/^mlocati\/php-extension-installer$/, "one shell script"],
  [/^phpmyadmin\/phpmyadmin$|^library\/(?:phpmyadmin|wordpress|drupal)$/, "PHP files"],
  [/^library\/(?:maven|gradle)$/, "shell scripts and Java archives"],
  [/^bats\/bats$/, "shell scripts"],
];

/** What the image is copied from for, if that is no program of an architecture. */
export function scriptsIn({ repository }: Reference): string | undefined {
  return scripts.find(([pattern]) => pattern.test(repository))?.[1];
}

/** Whether its ending says that it is a script, or everyone knows it for one: then it is the same on every platform. */
export function isScript(file: string): boolean {
  const name = file.split("/").at(-1) ?? "";
  return /\.(?:sh|bash|py|pl|rb|js|mjs|cjs|php|phar|jar)$/.test(name) || knownScripts.has(name);
}

/** Shell, JavaScript, Python, PHP: what they need to run is another program. */
const knownScripts: ReadonlySet<string> = new Set(
  "ant composer corepack flutter gcloud gradle gsutil kotlinc mvn npm npx pip pip3 sbt wait-for-it yarn yarnpkg".split(
    " ",
  ),
);
