import assert from "node:assert/strict";
import { createContext } from "../../src/context.ts";
import { engineFacts } from "../../src/engine/facts.ts";
import { engineTest } from "./engine.ts";

engineTest("an engine tells its version, platform and image store", async (engine) => {
  const facts = await engineFacts(createContext().docker);
  assert.match(facts.serverVersion, /^\d+\.\d+/);
  assert.equal(facts.imageStore, engine.imageStore);
  assert.equal(facts.platform.os, "linux");
  assert.match(facts.buildxVersion ?? "", /\d+\.\d+/);
});
