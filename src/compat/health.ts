/** Requirement 2.4: the health path answers HTTP 200 within 10 s. */
import { pauseFor } from "../process/wait.ts";
import { failed, type Outcome, pass } from "./check.ts";
import { ask, type HttpAnswer } from "./http.ts";
import type { Service } from "./readiness.ts";
import type { TestRequest } from "./request.ts";

/** The second path, asked and shown: many services have it. */
const secondPath = "/health";

export async function checkHealth(
  service: Service,
  request: Pick<TestRequest, "healthPath" | "timeoutMs" | "retries" | "retryIntervalMs">,
  signal: AbortSignal,
): Promise<Outcome> {
  const [main, second] = await Promise.all([
    askPatiently(service, request, signal),
    request.healthPath === secondPath
      ? undefined
      : ask(service, secondPath, { timeoutMs: request.timeoutMs, signal }),
  ]);
  return judgeHealth(request, main, second);
}

/** Asks until it answers 200, as often as was wished, within the deadline. */
async function askPatiently(
  service: Service,
  {
    healthPath,
    timeoutMs,
    retries,
    retryIntervalMs,
  }: Pick<TestRequest, "healthPath" | "timeoutMs" | "retries" | "retryIntervalMs">,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const end = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(service, healthPath, { timeoutMs: end - performance.now(), signal });
    signal.throwIfAborted();
    const left = end - performance.now();
    const isGood = answer.kind === "answer" && answer.status === 200;
    if (isGood || attempt === retries || left <= retryIntervalMs) return answer;
    await pauseFor(retryIntervalMs, signal);
  }
}

/** The health path must answer 200; the second one, where it answers at all, 200 or 404. */
export function judgeHealth(
  { healthPath, timeoutMs }: Pick<TestRequest, "healthPath" | "timeoutMs">,
  main: HttpAnswer,
  second: HttpAnswer | undefined,
): Outcome {
  const shown = [`${healthPath} ${answerText(main, timeoutMs)}`];
  if (second !== undefined) shown.push(`${secondPath} ${answerText(second, timeoutMs)}`);
  const detail = shown.join("; ");
  const isHealthy = main.kind === "answer" && main.status === 200;
  const isSecondBad = second?.kind === "answer" && ![200, 404].includes(second.status);
  if (isHealthy && !isSecondBad) return pass(detail);
  const hint =
    main.kind === "answer" && main.status === 404
      ? "; another path: --health-path PATH, or none: --no-health"
      : "";
  return failed(`${detail}${hint}`);
}

function answerText(answer: HttpAnswer, timeoutMs: number): string {
  switch (answer.kind) {
    case "answer":
      return answer.location === undefined
        ? `answered ${answer.status}`
        : `answered ${answer.status} to ${answer.location} (redirects are not followed)`;
    case "refused":
      return `did not answer (${answer.reason})`;
    case "not-http":
      return `answered something that is not HTTP (${answer.reason})`;
    case "silent":
      return `did not answer within ${timeoutMs / 1000} s`;
  }
}
