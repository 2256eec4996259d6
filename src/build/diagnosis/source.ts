/** What goes wrong with what COPY, ADD and named contexts bring in. */
import { fail } from "../../errors.ts";
import { clause, type FailedBuild, lastError, type Rule } from "./failed-build.ts";

/** moby/buildkit, `cache/contenthash/checksum.go`. */
const file: Rule = ({ words, step }) => {
  const name = /failed to calculate checksum of ref [^\n]*"([^"\n]+)": not found/.exec(
    `${step?.error ?? ""}\n${words}`,
  )?.[1];
  return name === undefined ? undefined : fail("BUILD_FILE_MISSING", { file: name });
};

/** What an ADD of an address or a repository names; the error does not always say it. */
function added({ step }: FailedBuild): string | undefined {
  return /\] ADD (?:--\S+ )*(\S+:\S+)/i.exec(step?.name ?? "")?.[1];
}

/** moby/buildkit, `source/http/source.go`. */
const checksum: Rule = (failed) => {
  const [, actual, expected] =
    /digest mismatch (sha256:[0-9a-f]+): (sha256:[0-9a-f]+)/.exec(failed.step?.error ?? "") ?? [];
  const address = added(failed);
  if (actual === undefined || expected === undefined || address === undefined) return undefined;
  return fail("ADD_CHECKSUM_DIFFERS", { address, expected, actual });
};

const address: Rule = (failed) => {
  const named = added(failed);
  if (named === undefined) return undefined;
  const { error = "" } = failed.step ?? {};
  const reason = /invalid response status (\d+)/.exec(error)?.[1];
  if (reason !== undefined)
    return fail("ADD_UNAVAILABLE", { address: named, reason: `the server answers ${reason}` });
  const cause = /(?:Get|Head) "[^"]+": (.+)$/s.exec(error)?.[1] ?? error;
  return fail("ADD_UNAVAILABLE", { address: named, reason: clause(cause) });
};

/** docker/buildx, `build/opt.go`, before anything is built. */
const namedContext: Rule = ({ words, argv }) => {
  const error = lastError(words);
  const [, named, reason] = /failed to get build context (\S+): (.+)/.exec(error) ?? [];
  if (named !== undefined && reason !== undefined) {
    return fail("NAMED_CONTEXT_MISSING", { context: named, reason: clause(reason) });
  }
  const layout =
    /oci-layout reference "oci-layout:\/\/([^"]+)" could not be resolved: (.+)/.exec(error) ??
    /could not lock (\S+)\/index\.json\.lock: (.+)/.exec(error);
  if (layout === null) return undefined;
  const [, path = "", cause = ""] = layout;
  // Our own store is a layout too, and its lock is another matter.
  const given = argv.find((argument) => argument.includes(`=oci-layout://${path}`));
  if (given === undefined) return undefined;
  const name = given.slice(0, given.indexOf("="));
  return fail("NAMED_CONTEXT_MISSING", { context: name, reason: clause(cause) });
};

/** A layout without the digest or the name that was asked for (moby/buildkit, `source/containerimage/ocilayout.go`). */
const layoutContent: Rule = ({ step }) => {
  const name = /^\[context (\S+)\] /.exec(step?.name ?? "")?.[1];
  const digest = /content (sha256:[0-9a-f]+): not found/.exec(step?.error ?? "")?.[1];
  if (name === undefined || digest === undefined) return undefined;
  return fail("NAMED_CONTEXT_MISSING", { context: name, reason: `it holds no ${digest}` });
};

/** The engine's own BuildKit reads no layouts on the classic image store, and none reads git without a git (moby/buildkit, `source/manager.go`). */
const scheme: Rule = ({ words, step, builder }) => {
  const name = /unknown scheme (\S+): not found/.exec(step?.error ?? lastError(words))?.[1];
  return name === undefined ? undefined : fail("SOURCE_UNSUPPORTED", { scheme: name, builder });
};

export const sourceRules: readonly Rule[] = [
  scheme,
  namedContext,
  layoutContent,
  file,
  checksum,
  address,
];
