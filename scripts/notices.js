// The licences of the packages whose code stands in dist/: they want to be given along with it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";

const packageFile = z.object({ name: z.string(), version: z.string(), license: z.string() });

/**
 * @param {readonly string[]} inputs files of the bundle, relative to the checkout
 * @param {string} root the checkout
 * @returns {string} each package with its version and licence, by name
 */
export function notices(inputs, root) {
  const packages = new Set(inputs.flatMap(packageOf));
  return [...packages]
    .toSorted()
    .map((directory) => notice(path.join(root, directory)))
    .join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * @param {string} file
 * @returns {readonly string[]} the directory of its package; none for a file of our own
 */
function packageOf(file) {
  const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
  return found === null ? [] : [found[0]];
}

/** @param {string} directory */
function notice(directory) {
  const text = readFileSync(path.join(directory, "package.json"), "utf8");
  const { name, version, license } = packageFile.parse(JSON.parse(text));
  return `${name} ${version} (${license})\n\n${licence(directory, license).trim()}\n`;
}

/**
 * @param {string} directory
 * @param {string} license by its SPDX identifier
 */
function licence(directory, license) {
  const file = readdirSync(directory).find((one) => /^licen[cs]e(?:\.\w+)?$/i.test(one));
  if (file !== undefined) return readFileSync(path.join(directory, file), "utf8");
  // Transship's own, which is shipped as well.
  if (license === "Apache-2.0") return "The Apache License, version 2.0, stands in LICENSE.";
  throw new Error(`${directory} is under ${license}, and has no file that says what it is`);
}
