/** Whether the image is proven for a server's platform and processor, asked once for each kind of server. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { ServerFacts } from "../server/facts.ts";
import { type Verdict, verifyOpened, type VerifyResult, type Waiver } from "../verify/verify.ts";
import type { Cargo } from "./cargo.ts";
import type { Shipment } from "./plan.ts";

export interface ProofOptions {
  /** Those, or how to read them: where nothing has to be proven they are not read. */
  readonly waivers: readonly Waiver[] | (() => Promise<readonly Waiver[]>);
  /** Refuse what is unproven as well. */
  readonly strict: boolean;
  /** Send even what is refuted. */
  readonly shipAnyway: boolean;
}

export interface Proofs {
  /** @throws SHIP_REFUTED, SHIP_UNPROVEN, the errors of verify */
  ask(target: string, shipment: Shipment, facts: ServerFacts): Promise<Verdict>;
}

export function createProofs(cargo: Cargo, options: ProofOptions, context: Context): Proofs {
  const asked = new Map<string, ReturnType<typeof prove>>();
  return {
    async ask(target, shipment, facts) {
      const level = shipment.platform.architecture === "amd64" ? facts.x86Level : undefined;
      const key = `${formatPlatform(shipment.platform)} ${level ?? ""}`;
      const proof = asked.get(key) ?? prove(cargo, shipment, level, options, context);
      asked.set(key, proof);
      const about = {
        image: cargo.subject,
        platform: formatPlatform(shipment.platform),
        target,
      };
      return judge(await proof, about, options, context);
    },
  };
}

/**
 * What each platform promises runs everywhere it is for; of the platforms that are named, or of all.
 * @throws as {@link Proofs.ask}
 */
export async function provePromised(
  cargo: Cargo,
  platforms: readonly Platform[] | undefined,
  options: ProofOptions,
  context: Context,
): Promise<readonly PlatformVerdict[]> {
  const wishes = platforms === undefined ? {} : { platforms };
  const waivers = { waivers: await read(options) };
  const result = await verifyOpened(cargo.opened, { ...waivers, ...wishes }, context);
  return result.platforms.map((one) => {
    const { platform, digest } = one;
    const about = { image: cargo.subject, platform, target: "a machine of that platform" };
    const proof = proofOf({ ...result, verdict: one.verdict, platforms: [one] });
    return { platform, digest, verdict: judge(proof, about, options, context) };
  });
}

export interface PlatformVerdict {
  /** As people write it. */
  readonly platform: string;
  /** The manifest's. */
  readonly digest: Digest;
  readonly verdict: Verdict;
}

interface Proof {
  readonly verdict: Verdict;
  /** The rule that refutes it. */
  readonly rule?: string;
  /** What the worst error will print. */
  readonly prediction: string;
  readonly unproven: string;
}

interface About {
  readonly image: string;
  readonly platform: string;
  readonly target: string;
}

/** @throws SHIP_REFUTED, SHIP_UNPROVEN */
function judge(
  { verdict, prediction, unproven }: Proof,
  { target, ...about }: About,
  options: ProofOptions,
  { report }: Context,
): Verdict {
  if (verdict === "refuted") {
    const refusal = fail("SHIP_REFUTED", { ...about, target, prediction });
    if (!options.shipAnyway) throw refusal;
    report({ kind: "warning", text: `${refusal.message} It goes all the same.` });
  }
  if (verdict === "unproven" && options.strict)
    throw fail("SHIP_UNPROVEN", { ...about, reason: unproven });
  return verdict;
}

/**
 * What its platform promises runs everywhere. Only where that is not enough is the server's own processor asked for: a level that is
 * named makes unproven what does not say which one it needs.
 */
async function prove(
  { opened }: Cargo,
  { platform }: Shipment,
  level: ServerFacts["x86Level"],
  options: Pick<ProofOptions, "waivers">,
  context: Context,
): Promise<Proof> {
  const wishes = { platforms: [platform], waivers: await read(options) };
  const promised = proofOf(await verifyOpened(opened, wishes, context));
  const isLabelledNewer = level !== undefined && labelledLevel(platform) > level;
  if (level === undefined || (promised.rule !== "cpu-level" && !isLabelledNewer)) return promised;
  const own = { ...wishes, cpu: { kind: "x86-64", level } as const };
  const there = proofOf(await verifyOpened(opened, own, context));
  if (!isLabelledNewer || there.verdict === "refuted") return there;
  // Its programs do not say what they need, but its label does.
  const prediction = `Illegal instruction (it is labelled ${formatPlatform(platform)}, the processor is x86-64-v${level})`;
  return { ...there, verdict: "refuted", prediction };
}

/** What an image is made for by its label: `linux/amd64/v3`. */
function labelledLevel({ architecture, variant }: Platform): number {
  return architecture === "amd64" ? Number(/^v(\d)$/.exec(variant ?? "")?.[1] ?? 1) : 1;
}

async function read({ waivers }: Pick<ProofOptions, "waivers">): Promise<readonly Waiver[]> {
  return typeof waivers === "function" ? await waivers() : waivers;
}

function proofOf(result: Pick<VerifyResult, "verdict" | "platforms" | "findings">): Proof {
  const [worst] = errorsOf(result);
  return {
    verdict: result.findings.some(({ severity }) => severity === "error")
      ? "refuted"
      : result.verdict,
    ...(worst === undefined ? {} : { rule: worst.rule }),
    prediction: worst?.prediction ?? worst?.message ?? "it is refuted",
    unproven: result.platforms[0]?.unproven[0] ?? "not everything could be decided",
  };
}

function errorsOf({ platforms, findings }: Pick<VerifyResult, "platforms" | "findings">) {
  const all = [...platforms.flatMap((one) => one.findings), ...findings];
  return all.filter(({ severity }) => severity === "error");
}
