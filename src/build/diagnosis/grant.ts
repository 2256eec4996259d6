/** What a step wants of whoever builds, and was not given. */
import { fail } from "../../errors.ts";
import { lastError, type Rule } from "./failed-build.ts";

/** moby/buildkit, `solver/llbsolver/mounts`; docker/buildx, `util/buildflags/secrets.go`. */
const secret: Rule = ({ words, step }) => {
  const error = lastError(words);
  const name =
    /^secret (\S+): not found/.exec(step?.error ?? "")?.[1] ??
    /failed to stat (\S+): stat \S+: no such file/.exec(error)?.[1];
  if (name === undefined) return undefined;
  return fail("SECRET_MISSING", { secret: name });
};

/** moby/buildkit, `session/sshforward`. */
const ssh: Rule = ({ words, step }) => {
  const isUnset = /^unset ssh forward key (\S+)/.exec(step?.error ?? "")?.[1];
  if (isUnset !== undefined) return fail("SSH_AGENT_MISSING", { agent: isUnset });
  return /invalid empty ssh agent socket/.test(lastError(words))
    ? fail("SSH_AGENT_MISSING", { agent: "default" })
    : undefined;
};

/** moby/buildkit, `util/entitlements` (who builds has to say yes) and `control/control.go` (so has the builder). */
const entitlement: Rule = ({ words, builder }) => {
  const error = lastError(words);
  const refused = /granting entitlement (\S+) is not allowed by build daemon/.exec(error)?.[1];
  if (refused !== undefined) {
    return fail("ENTITLEMENT_REFUSED", {
      entitlement: refused,
      by: `the builder ${builder}`,
      builder,
    });
  }
  const wanted = /(?:^|: )((?:network|security)\.\S+) is not allowed$/.exec(error.trim())?.[1];
  if (wanted === undefined) return undefined;
  return fail("ENTITLEMENT_REFUSED", { entitlement: wanted, by: "the command", builder });
};

export const grantRules: readonly Rule[] = [secret, ssh, entitlement];
