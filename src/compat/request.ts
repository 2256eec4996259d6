/** What a test is asked for, with every default filled in. */
import { fail } from "../errors.ts";
import type { Platform } from "../platform/platform.ts";

export interface TestOptions {
  /** An image of the engine. Default `rustci:local-amd64`. */
  readonly image?: string;
  /** The container's name. Default `transship-test-<run>`. */
  readonly name?: string;
  /** `HOST`, `HOST:CONTAINER`; `0` is any free port of the host. */
  readonly port?: string;
  /** Seconds until the health path must have answered. Default 10. */
  readonly timeout?: number;
  /** Seconds until the container must be ready. Default 30. */
  readonly wait?: number;
  /** How often the health path is asked. Default 3. */
  readonly retries?: number;
  /** Seconds between two questions. Default 1. */
  readonly retryInterval?: number;
  readonly cleanup?: boolean;
  /** Neither network nor health nor resources. */
  readonly quick?: boolean;
  /** Default: the image's own. */
  readonly platform?: Platform;
  /** `NAME=value` for the container. */
  readonly env?: readonly string[];
  /** Default `/api/healthchecker`. */
  readonly healthPath?: string;
  /** Ask the health path. Default true. */
  readonly health?: boolean;
}

export interface TestRequest {
  readonly image: string;
  readonly name: string;
  /** 0 is any free one. */
  readonly hostPort: number;
  /** The port inside; absent: what the image says. */
  readonly containerPort?: number;
  readonly env: readonly string[];
  readonly healthPath: string;
  readonly asksHealth: boolean;
  readonly isQuick: boolean;
  readonly keepsContainer: boolean;
  readonly waitMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryIntervalMs: number;
}

/** @throws USAGE */
export function testRequest(options: TestOptions, runId: string): TestRequest {
  const [hostPort, containerPort] = readPort(options.port ?? "0");
  const healthPath = options.healthPath ?? "/api/healthchecker";
  if (!healthPath.startsWith("/"))
    throw usage(`The health path "${healthPath}" does not begin with /.`);
  const name = options.name ?? `transship-test-${runId}`;
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) throw usage(`"${name}" is no name of a container.`);
  return {
    image: options.image ?? "rustci:local-amd64",
    name,
    hostPort,
    ...(containerPort === undefined ? {} : { containerPort }),
    env: options.env ?? [],
    healthPath,
    asksHealth: (options.health ?? true) && options.quick !== true,
    isQuick: options.quick ?? false,
    keepsContainer: options.cleanup === false,
    waitMs: seconds("--wait", options.wait ?? 30),
    timeoutMs: seconds("--timeout", options.timeout ?? 10),
    retries: Math.max(1, Math.trunc(options.retries ?? 3)),
    retryIntervalMs: seconds("--retry-interval", options.retryInterval ?? 1),
  };
}

/** The port that the service listens on: as asked, else what the image exposes, else its PORT, else 8080. */
export function servicePort(
  { containerPort }: Pick<TestRequest, "containerPort">,
  image: { readonly exposed: readonly string[]; readonly env: readonly string[] },
): number {
  if (containerPort !== undefined) return containerPort;
  const exposed = image.exposed.map((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.[1]).find(Boolean);
  const named = image.env.map((one) => /^PORT=(\d+)$/.exec(one)?.[1]).find(Boolean);
  return Number(exposed ?? named ?? 8080);
}

function readPort(text: string): readonly [host: number, container: number | undefined] {
  const [, host, container] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(text) ?? [];
  const numbers = [host, container].map((digits) =>
    digits === undefined ? undefined : Number(digits),
  );
  const [outside, inside] = numbers;
  if (outside === undefined || outside > 65_535 || inside === 0 || (inside ?? 0) > 65_535) {
    throw usage(`"${text}" is no port; write HOST or HOST:CONTAINER, such as 8080 or 0:8080.`);
  }
  return [outside, inside];
}

function seconds(flag: string, value: number): number {
  if (!Number.isFinite(value) || value < 0 || value > 86_400) {
    throw usage(`${flag} wants a number of seconds, not ${value}.`);
  }
  return value * 1000;
}

function usage(problem: string) {
  return fail("USAGE", { problem, command: "transship test" });
}
