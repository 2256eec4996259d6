/** What the gate of a release came to on its server. */
import type { Event } from "./event.ts";
import type { Gate } from "./release.ts";
import type { OperationEnd } from "./run-operation.ts";

export interface GateCheck {
  readonly id: "runtime-architecture" | "health" | "healthcheck" | "bake";
  readonly status: "pass" | "fail" | "skip";
  readonly detail: string;
}

/** A skip is never a pass: what was not reached, and what could not be asked. */
export function checksOf(
  events: readonly Event[],
  gate: Gate,
  { verdict, reason }: Pick<OperationEnd, "verdict" | "reason">,
): readonly GateCheck[] {
  const machine = events.find((event) => event.kind === "machine");
  const unproven = events.find((event) => event.kind === "unproven");
  const isGated = events.some((event) => event.kind === "switched");
  const isWrongMachine = machine !== undefined && reason.startsWith("uname -m");
  const { health, healthcheck, goodAnswers } = gate;
  const asked = (detail: string): Omit<GateCheck, "id"> => {
    if (isGated) return { status: "pass", detail };
    const isReached =
      machine !== undefined || unproven !== undefined || reason.includes("answered");
    return isReached && !isWrongMachine
      ? { status: "fail", detail: reason }
      : { status: "skip", detail: "not reached" };
  };
  return [
    {
      id: "runtime-architecture",
      ...(machine === undefined
        ? { status: "skip", detail: unproven?.text ?? "not reached" }
        : { status: isWrongMachine ? "fail" : "pass", detail: `uname -m says ${machine.text}` }),
    },
    ...(health === undefined
      ? []
      : [
          {
            id: "health" as const,
            ...asked(`${health.path} answered 200, ${goodAnswers} times in a row`),
          },
        ]),
    ...(healthcheck === undefined
      ? []
      : [{ id: "healthcheck" as const, ...asked("the image's own health check passed") }]),
    bakeCheck(isGated, { verdict, reason }),
  ];
}

function bakeCheck(
  isGated: boolean,
  { verdict, reason }: Pick<OperationEnd, "verdict" | "reason">,
): GateCheck {
  if (!isGated) return { id: "bake", status: "skip", detail: "not reached" };
  return verdict === "deployed"
    ? { id: "bake", status: "pass", detail: "it stayed well" }
    : { id: "bake", status: "fail", detail: reason };
}
