/** All cases, machine by machine. */
import type { Site } from "../../../provision/site.ts";
import type { Case } from "../case.ts";
import { createKit } from "../kit.ts";
import { commandCases } from "./command.ts";
import { interpreterCases, programCases } from "./interpreter.ts";
import { layerCases } from "./layers.ts";
import { libraryCases } from "./libraries.ts";
import { objectCases } from "./objects.ts";
import { pathCases } from "./paths.ts";
import { scriptCases } from "./scripts.ts";
import { symbolCases } from "./symbols.ts";

export async function casesOf(site: Site, material: string): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const name of ["amd64"] as const) {
    const kit = createKit(site, material, name);
    for (const make of [
      libraryCases,
      pathCases,
      objectCases,
      symbolCases,
      interpreterCases,
      programCases,
      scriptCases,
      commandCases,
      layerCases,
    ]) {
      cases.push(...(await make(kit)));
    }
  }
  return cases;
}
