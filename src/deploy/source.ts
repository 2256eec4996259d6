/** Where the image of a deploy comes from: it is there already, or it is built and tested first. */
import { buildServices, type ServiceBuild } from "../build/services.ts";
import { testImage, type TestOptions } from "../compat/compat.ts";
import type { Context } from "../context.ts";
import type { Docker } from "../engine/docker.ts";
import { fail } from "../errors.ts";
import { parseSubject, type Subject } from "../image/subject.ts";
import { familiarName } from "../oci/reference.ts";
import type { Platform } from "../platform/platform.ts";
import { isDockersOwn } from "./environment.ts";

export type DeploySource =
  | { readonly kind: "image"; readonly subject: Subject }
  | {
      readonly kind: "build";
      /** Those that are built, with all that they are built on; the first with `name` is the one that is deployed. */
      readonly services: readonly ServiceBuild[];
      readonly name: string;
      /** Absent: the built image is not run here. */
      readonly test?: Omit<TestOptions, "image" | "platform" | "env"> & {
        readonly environment: Readonly<Record<string, string>>;
      };
    };

/** What it is called before it is there; empty where its transport does not say. */
export function sourceName(source: DeploySource): string {
  if (source.kind === "build") return source.name;
  const { subject } = source;
  return "reference" in subject ? subject.reference.repository : "";
}

/** What the image will be made for; `undefined` where only the image says. */
export function sourcePlatforms(source: DeploySource): readonly Platform[] | undefined {
  if (source.kind === "image") return undefined;
  return source.services.find(({ name }) => name === source.name)?.options.platforms;
}

/** The image, built where it has to be; where nobody says what for, for `platforms`. @throws the errors of build */
export async function obtain(
  source: DeploySource,
  platforms: readonly Platform[],
  context: Context,
): Promise<Subject> {
  if (source.kind === "image") return source.subject;
  const services = source.services.map((service): ServiceBuild => {
    const options = { platforms, ...service.options };
    return Object.assign({}, service, { options });
  });
  const outcomes = await buildServices(services, context);
  const outcome = outcomes.find(({ service }) => service === source.name);
  if (outcome?.kind === "failed") throw outcome.error;
  if (outcome?.kind === "done") return parseSubject(outcome.result.image);
  const reason = outcome?.reason ?? "it was not begun";
  throw fail("DEPLOY_NOT_BUILT", { service: source.name, reason });
}

/** Runs it here as `transship test` does, on the servers' platform. @throws DEPLOY_TEST_FAILED, the errors of test */
export async function tryHere(
  source: DeploySource,
  { subject, platform }: { readonly subject: Subject; readonly platform: Platform },
  context: Context,
): Promise<void> {
  if (source.kind !== "build" || source.test === undefined) return;
  if (subject.transport !== "docker-daemon") return;
  const name = familiarName(subject.reference);
  const { environment, ...options } = source.test;
  const { env, docker } = handedOver(environment, context.docker);
  const { verdict, checks, emulated } = await testImage(
    { ...options, env, image: name, platform },
    { ...context, docker },
  );
  const passed = checks.filter(({ status }) => status === "pass").length;
  const failed = checks.filter(({ status }) => status === "fail");
  if (verdict === "passed") {
    const how = emulated ? ", emulated here" : "";
    context.report({ kind: "note", text: `Tested here: ${passed} checks passed${how}.` });
    return;
  }
  const reasons = failed.map(({ id, detail }) => `${id}: ${detail.split("\n")[0] ?? ""}`);
  throw fail("DEPLOY_TEST_FAILED", { image: name, checks: reasons });
}

/** The container's variables by their names alone, docker having the values in its own environment: no argument and no command shows them. */
export function handedOver(
  environment: Readonly<Record<string, string>>,
  docker: Docker,
): { readonly env: readonly string[]; readonly docker: Docker } {
  const hidden = Object.entries(environment).filter(([name]) => !isDockersOwn(name));
  const env = Object.entries(environment).map(([name, value]) =>
    isDockersOwn(name) ? `${name}=${value}` : name,
  );
  const values = Object.fromEntries(hidden);
  return {
    env,
    docker: {
      ...docker,
      attempt: async (args, options = {}) =>
        await docker.attempt(args, { ...options, env: { ...options.env, ...values } }),
    },
  };
}
