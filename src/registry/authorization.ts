/** The `Authorization` header of each request: won from the registry's challenge, kept while it is good, renewed in time. */
import { fail, type TransshipError } from "../errors.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { type Answer, registryWords } from "./failure.ts";
import { type Grant, type Scope, type TokenOptions, winGrant } from "./token.ts";

export interface AuthorizerOptions extends TokenOptions {
  /** The stored login; asked for once, and only when the registry wants one. */
  readonly credentials: () => Promise<Credentials>;
}

export interface Authorizer {
  /** The header that is good for that scope as far as is known; `undefined` before the first challenge. */
  header(scope: Scope): Promise<string | undefined>;
  /** Wins a header after a 401, `refused` being the one that was sent. @throws REGISTRY_AUTH */
  answer(challenge: Answer, scope: Scope, refused: string | undefined): Promise<string>;
  /** The error for a 401 that came although the header was fresh. */
  refusal(answer: Answer, repository: string): Promise<TransshipError>;
}

/** Keeps one grant a scope. Requests that run side by side share one question to the token server. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { registry } = options;
  const grants = new Map<string, Promise<Grant>>();
  let lastChallenge: Challenge | undefined;
  let login: Promise<Credentials> | undefined;
  const credentials = () => (login ??= options.credentials());

  async function grantFor(
    challenge: Challenge,
    scope: Scope,
    isGood: (grant: Grant) => boolean,
  ): Promise<Grant> {
    const key = scope.join(" ");
    for (;;) {
      const pending = grants.get(key);
      const grant = pending === undefined ? undefined : await pending;
      if (grant !== undefined && isGood(grant)) return grant;
      // Whoever comes first renews; the others find its promise in the map.
      if (grants.get(key) !== pending) continue;
      const renewed = win(challenge, scope);
      grants.set(key, renewed);
      renewed.catch(() => grants.delete(key));
      return await renewed;
    }
  }

  const win = async (challenge: Challenge, scope: Scope) =>
    await winGrant(challenge, scope, await credentials(), options);

  return {
    async header(scope) {
      if (lastChallenge === undefined) return undefined;
      return (await grantFor(lastChallenge, scope, isFresh)).header;
    },
    async answer(refused, scope, sent) {
      const challenge = chooseChallenge(refused);
      if (challenge === undefined) {
        const reason = "it names no way to log in that Transship knows";
        throw fail("REGISTRY_AUTH", { registry, reason });
      }
      lastChallenge = challenge;
      return (await grantFor(challenge, scope, ({ header }) => header !== sent)).header;
    },
    async refusal(answer, repository) {
      const stored = await credentials();
      if (stored.kind === "none") return fail("REGISTRY_AUTH", { registry, reason: stored.reason });
      // A token server that knew the login gave a token that is not enough: the login is good, its rights are not.
      if (lastChallenge?.scheme === "bearer" && stored.kind !== "bearer") {
        return fail("REGISTRY_DENIED", {
          registry,
          repository,
          reason: registryWords(answer).reason,
        });
      }
      return fail("REGISTRY_AUTH", { registry, reason: "the stored login was refused" });
    },
  };
}

function isFresh({ expires }: Grant): boolean {
  return expires > performance.now();
}

function chooseChallenge({ headers }: Answer): Challenge | undefined {
  const challenges = parseChallenges(headers.get("www-authenticate") ?? "");
  return (
    challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters["realm"]) ??
    challenges.find(({ scheme }) => scheme === "basic")
  );
}
