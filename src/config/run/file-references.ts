/** The secrets and configs of a service: files that its container gets, and where each comes from. None is read here. */
import type { FileReference } from "./keys.ts";
import { type RunQuestion, wayOf } from "./question.ts";
import { problem, type Reading, together } from "./remark.ts";

export interface RunFile {
  /** That of the project. */
  readonly name: string;
  /** Absolute, in the container. */
  readonly target: string;
  /** As the file has it on this machine, where absent. */
  readonly uid?: string;
  readonly gid?: string;
  /** Its permission bits. */
  readonly mode?: number;
  /** A file of this machine (absolute), a variable of the environment, or what stands in compose.yaml itself. */
  readonly source:
    | { readonly file: string }
    | { readonly variable: string }
    | { readonly content: string };
}

export function secretsOf(question: RunQuestion): Reading<readonly RunFile[]> {
  return filesOf("secrets", "/run/secrets/", question);
}

export function configsOf(question: RunQuestion): Reading<readonly RunFile[]> {
  return filesOf("configs", "/", question);
}

function filesOf(
  kind: "secrets" | "configs",
  /** Where one lies that says no other place (docker/compose, pkg/compose/create.go). */
  place: string,
  question: RunQuestion,
): Reading<readonly RunFile[]> {
  return together(question.keys[kind].map((reference) => fileOf(reference, kind, place, question)));
}

function fileOf(
  { source: name, target, uid, gid, mode }: FileReference,
  kind: "secrets" | "configs",
  place: string,
  question: RunQuestion,
): Reading<readonly RunFile[]> {
  const source = sourceOf(name, kind, question);
  if (source === undefined) {
    const text = `${name} of ${kind} comes from neither a file nor a variable: one server has no other place for it.`;
    return { value: [], remarks: [problem(wayOf(question, kind), text)] };
  }
  const value: RunFile = {
    name,
    target: target.startsWith("/") ? target : `${place}${target || name}`,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mode === undefined ? {} : { mode }),
    source,
  };
  return { value: [value], remarks: [] };
}

function sourceOf(
  name: string,
  kind: "secrets" | "configs",
  { project }: RunQuestion,
): RunFile["source"] | undefined {
  const { file, environment, content } = project[kind][name] ?? {};
  if (file !== undefined) return { file };
  if (environment !== undefined) return { variable: environment };
  return content === undefined ? undefined : { content };
}
