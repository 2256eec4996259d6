/** All cases, machine by machine. */
import type { Case } from "../case.ts";
import type { Kit } from "../kit.ts";
import type { Architecture } from "../machine.ts";
import { commandCases } from "./command.ts";
import { environmentCases } from "./environment.ts";
import { healthcheckCases } from "./healthcheck.ts";
import { nodeCases, pythonCases } from "./interpreted.ts";
import { interpreterCases, programCases } from "./interpreter.ts";
import { layerCases } from "./layers.ts";
import { libraryCases } from "./libraries.ts";
import { foreignCases, unknownCases } from "./machines.ts";
import { muslCases } from "./musl.ts";
import { objectCases } from "./objects.ts";
import { packageCases } from "./packages.ts";
import { pathCases } from "./paths.ts";
import { armCases, processorCases } from "./processor.ts";
import { scriptCases } from "./scripts.ts";
import { secureCases } from "./secure.ts";
import { symbolCases } from "./symbols.ts";
import type { Workshop } from "../workshop.ts";

type Maker = (kit: Kit) => Promise<readonly Case[]>;

/** What the loader of each machine does its own way; the rest is told once, natively. */
const makers: Readonly<Record<Architecture, readonly Maker[]>> = {
  amd64: [
    libraryCases,
    pathCases,
    environmentCases,
    objectCases,
    symbolCases,
    interpreterCases,
    programCases,
    muslCases,
    scriptCases,
    commandCases,
    healthcheckCases,
    layerCases,
    secureCases,
    packageCases,
    pythonCases,
    nodeCases,
    processorCases,
    unknownCases,
  ],
  arm64: [
    pathCases,
    environmentCases,
    objectCases,
    symbolCases,
    interpreterCases,
    muslCases,
    packageCases,
    pythonCases,
    foreignCases,
  ],
  armhf: [
    libraryCases,
    objectCases,
    interpreterCases,
    programCases,
    packageCases,
    pythonCases,
    armCases,
    foreignCases,
  ],
  i386: [objectCases, muslCases],
};

export async function casesOf({ kit }: Pick<Workshop, "kit">): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const name of ["amd64", "arm64", "armhf", "i386"] as const) {
    for (const make of makers[name]) cases.push(...(await make(kit(name))));
  }
  return cases;
}
