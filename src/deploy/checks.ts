/** What the gate and the watch of a release came to on its server. */
import { checkIds, type Event, type GateCheck } from "./event.ts";

/** Of each check the last word; what was never reached is skipped. The image's own health check is there where it has one. */
export function checksOf(events: readonly Event[]): readonly GateCheck[] {
  return checkIds.flatMap((id): readonly GateCheck[] => {
    const told = events.findLast((event) => event.kind === "check" && event.id === id);
    if (told?.kind === "check") return [{ id, status: told.status, detail: told.detail }];
    return id === "healthcheck" ? [] : [{ id, status: "skip", detail: "not reached" }];
  });
}
