/** What must be done so that the builder is as it should be. */
import { type DesiredBuilder, type Deviation, deviation } from "../builder/configuration.ts";
import { contextOf } from "../builder/desired-nodes.ts";
import {
  type Builder,
  createBuilderArgs,
  removeBuilderArgs,
  startBuilderArgs,
  stopBuilderArgs,
  useBuilderArgs,
} from "../engine/buildx.ts";
import { dockerArgv } from "../engine/docker.ts";
import { removeContextArgs } from "../engine/endpoint.ts";
import type { Step } from "../process/plan.ts";

export interface BuilderWishes {
  readonly recreate: boolean;
  readonly use: boolean;
}

/**
 * Carries out the arguments of one docker command. With `mayFail` a failure is no more than told: the removal of a
 * builder whose engine is gone forgets the builder, and fails.
 */
export type Carry = (args: readonly string[], mayFail: boolean) => Promise<void>;

/** The steps from the builder that is there to the desired one; none where it is healthy. Changes nothing itself. */
export function planBuilder(
  existing: Builder | undefined,
  desired: DesiredBuilder,
  wishes: BuilderWishes,
  carry: Carry,
): readonly Step[] {
  return [
    ...planExistence(existing, desired, wishes, carry),
    ...planUse(existing, desired.name, wishes.use, carry),
  ];
}

/** The one step that removes a builder; none where there is none. */
export function planRemoval(existing: Builder | undefined, carry: Carry): readonly Step[] {
  if (existing === undefined) return [];
  const { name, nodes } = existing;
  const contexts = nodes.filter((node) => node.endpoint === contextOf(node.name));
  const commands = [
    removeBuilderArgs(name, { keepCache: false }),
    ...contexts.map(({ endpoint }) => removeContextArgs(endpoint)),
  ];
  const reason = "that was asked for, its cache with it";
  const isSilent = nodes.some(({ error }) => error !== undefined);
  return [step("remove-builder", `Remove the builder ${name}`, reason, commands, carry, isSilent)];
}

/** Stops and starts the builder, because BuildKit looks for emulators only when it starts. */
export function planRestart(
  name: string,
  platforms: readonly string[],
  carry: Carry,
): readonly Step[] {
  const reason = `it does not see the emulator for ${platforms.join(" and ")} that this machine has`;
  const commands = [stopBuilderArgs(name), startBuilderArgs(name)];
  return [step("restart-builder", `Restart the builder ${name}`, reason, commands, carry)];
}

function planExistence(
  existing: Builder | undefined,
  desired: DesiredBuilder,
  { recreate }: BuilderWishes,
  carry: Carry,
): readonly Step[] {
  const { name } = desired;
  if (existing === undefined) {
    return [createStep(desired, "there is none of that name", carry)];
  }
  const deviates = deviation(existing, desired);
  if (recreate || deviates !== undefined) {
    const reason =
      deviates === undefined ? "that was asked for" : deviationReason(deviates, desired);
    // On another engine, or made by another driver, there is no cache that the new builder could use.
    const keepCache = existing.driver === desired.driver && deviates?.kind !== "endpoint";
    const removal = [removeBuilderArgs(name, { keepCache })];
    return [
      step(
        "remove-builder",
        `Remove the builder ${name}`,
        keepCache ? `${reason}; its cache is kept` : reason,
        removal,
        carry,
        existing.nodes.some(({ error }) => error !== undefined),
      ),
      createStep(desired, "in place of the one that was removed", carry),
    ];
  }
  // One that does not answer is not started by this either.
  if (existing.nodes.every(({ status, error }) => status === "running" || error !== undefined))
    return [];
  return [
    step(
      "start-builder",
      `Start the builder ${name}`,
      "it does not run",
      [startBuilderArgs(name)],
      carry,
    ),
  ];
}

/** The one step that makes it the default; none where it is, or is not to be. */
export function planUse(
  existing: Builder | undefined,
  name: string,
  use: boolean,
  carry: Carry,
): readonly Step[] {
  if (!use || existing?.isCurrent === true) return [];
  const reason = "builds that name no builder shall use it";
  return [
    step("use-builder", `Make ${name} the default builder`, reason, [useBuilderArgs(name)], carry),
  ];
}

function createStep(desired: DesiredBuilder, reason: string, carry: Carry): Step {
  const { name } = desired;
  return step(
    "create-builder",
    `Create the builder ${name}`,
    reason,
    [createBuilderArgs(desired)],
    carry,
  );
}

function deviationReason(found: Deviation, desired: DesiredBuilder): string {
  switch (found.kind) {
    case "driver":
      return `its driver is ${found.actual}, not ${desired.driver}`;
    case "endpoint":
      return `it belongs to the engine ${found.actual}, not to ${desired.endpoint}`;
    case "unreachable":
      return `its engine does not answer (${found.reason})`;
    case "platforms":
      return `it does not offer ${found.missing.join(" and ")}`;
    case "configuration":
      return "it was made with another configuration";
  }
}

function step(
  id: string,
  title: string,
  reason: string,
  commands: readonly (readonly string[])[],
  carry: Carry,
  mayFail = false,
): Step {
  return {
    id,
    title,
    reason,
    commands: commands.map(dockerArgv),
    async act() {
      for (const command of commands) await carry(command, mayFail);
    },
  };
}
