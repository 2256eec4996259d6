/** What several rules ask of a Dockerfile is worked out once. */
import type { TargetView } from "./view.ts";

/** The same function, which remembers its answers as long as their views are there. */
export function oncePerView<Answer>(
  workOut: (view: TargetView) => readonly Answer[],
): (view: TargetView) => readonly Answer[] {
  const answers = new WeakMap<TargetView, readonly Answer[]>();
  return (view) => {
    const answer = answers.get(view) ?? workOut(view);
    answers.set(view, answer);
    return answer;
  };
}
