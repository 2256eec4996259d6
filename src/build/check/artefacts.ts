/**
 * What the developer's machine has installed or compiled beside its sources (trap: `COPY . .` brings it into the image): it is
 * wrong there only where programs for that machine are in it.
 */
import {
  type ArtefactKind,
  ignoreLines,
  type ProvenArtefact,
} from "../../build-context/artefact.ts";
import { formatPlatform } from "../../platform/platform.ts";
import type { BuildCheck } from "./check.ts";
import { listed } from "../../build-context/listed.ts";

const titles: Readonly<Record<ArtefactKind, string>> = {
  node: "packages of Node",
  python: "a virtual environment of Python",
  rust: "what cargo compiled",
  ruby: "gems",
};

/** One check a kind. `ignoreFile` is the file that the fix speaks of. */
export function artefactChecks(
  artefacts: readonly ProvenArtefact[],
  ignoreFile: string,
): readonly BuildCheck[] {
  const byKind = Map.groupBy(artefacts, ({ kind }) => kind);
  return Array.from(byKind, ([kind, found]) => {
    const places = listed(found.map((one) => one.path));
    const [proof] = found.map((one) => `${one.proof.path} is ${one.proof.description}`);
    const unfit = new Set(found.flatMap((one) => one.proof.unfit.map(formatPlatform)));
    const lines = new Set(found.flatMap(ignoreLines));
    return {
      id: "artefacts",
      status: "warn",
      detail: `The build context holds ${titles[kind]} for another machine (${places}): ${proof}, not for ${listed([...unfit])}.`,
      fix: `Add at the end of ${ignoreFile}: ${[...lines].join("  ")}`,
    };
  });
}
