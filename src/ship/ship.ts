/** `transship ship`: an image to one server or several, only what each lacks. */
import { type TransshipError, isFailure } from "../errors.ts";
import type { Context } from "../context.ts";
import { formatSubject, type Subject } from "../image/subject.ts";
import { lockSubject } from "../image/subject-lock.ts";
import type { Digest } from "../oci/digest.ts";
import { inParallel } from "../process/parallel.ts";
import { sshMasterArgv, type SshTarget, sshTargetText } from "../process/ssh.ts";
import { storeDirectory } from "../store/directory.ts";
import { checkSum, sumsOf } from "./archive/sum.ts";
import type { Cargo, Consignment } from "./cargo.ts";
import { connect, type Connection } from "./connection.ts";
import type { Pushed, RegistryVia } from "./push.ts";
import type { ProofOptions, Proofs } from "./proof.ts";
import type { ShipmentResult } from "./result.ts";
import type { ShipmentOptions } from "./shipment.ts";

export type { Pushed, RegistryVia } from "./push.ts";
export type { ShipmentResult } from "./result.ts";

export interface ShipOptions extends Partial<ProofOptions>, Pick<ShipmentOptions, "platform"> {
  readonly subject: Subject;
  readonly servers: readonly SshTarget[];
  /** Its name on the servers; absent: its own. */
  readonly name?: string;
  /** The way; absent: pulled through ssh, or loaded where that cannot be. */
  readonly via?: "pull" | "load" | RegistryVia;
  /** The store's directory. */
  readonly store?: string;
  /** An archive is held against the sum in the file `.sha256` beside it, where there is one. */
  readonly checkSum?: boolean;
  /** How many servers are served at once; default 4. */
  readonly parallel?: number;
  /** How many images of the repository are protected from being pruned on a server, this one among them; default 3. */
  readonly keep?: number;
  /** Say which layers would go, and send none. */
  readonly dryRun?: boolean;
}

export type ServerOutcome =
  | ({ readonly kind: "done" } & ShipmentResult)
  | { readonly kind: "failed"; readonly server: string; readonly error: TransshipError };

export interface ShipResult {
  readonly subject: string;
  /** The root's, index or manifest, as the first server got it: of plain layers, packed, it is another than before. */
  readonly digest: Digest;
  /** The one push to a registry; absent where it went without one, or no server needed it. */
  readonly pushed?: Pushed;
  /** In the order of the servers. */
  readonly servers: readonly ServerOutcome[];
}

/** Of the numbers of tasks: no image has as many layers. */
const tasksOfServer = 1_000;

/**
 * Of several servers each may fail by itself; one alone fails as the whole does.
 * @throws the errors of opening an image, SHIP_…, SSH_…, SERVER_…, INTERRUPTED, TERMINATED
 */
export async function ship(options: ShipOptions, context: Context): Promise<ShipResult> {
  const { servers, parallel = 4 } = options;
  // They take longest, so they are begun before all else; a server that comes after them waits until one is done.
  const first = servers.slice(0, parallel);
  const opening = first.map(async (one) => await openLine(one, options, context));
  const ended = await Promise.allSettled(opening);
  const lines = ended.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    return await shipOver(await Promise.all(opening), options, context);
  } finally {
    await Promise.all(lines.map(async (line) => await line.close()));
  }
}

/** Through a registry no port of ours is needed there. */
async function openLine(
  target: SshTarget,
  { via }: Pick<ShipOptions, "via">,
  { signal }: Pick<Context, "signal">,
): Promise<Connection> {
  return await connect(target, { signal, hasEndpoint: typeof via !== "object" });
}

async function shipOver(
  lines: readonly Connection[],
  options: ShipOptions,
  context: Context,
): Promise<ShipResult> {
  const { subject, servers, parallel = 4 } = options;
  const store = storeDirectory({ flag: options.store, env: context.env });
  // Nothing is pruned away while it is sent.
  const lock = await lockSubject(subject, { store, verb: "ship" }, context);
  const opening = openChecked({ ...options, store }, context);
  // It may fail before anybody waits for it, who hears of it then.
  opening.catch(() => {});
  try {
    // The servers are connected to while it is opened, and wait for it.
    const push = await pushOnce(options, context);
    const proofs = proofsOnce(options, context);
    const outcomes = await inParallel([...servers.entries()], parallel, async ([n, target]) => {
      const before = push === undefined ? n : n + 1;
      const from = 1 + before * tasksOfServer;
      const [connection = await openLine(target, options, context)] = lines.slice(n, n + 1);
      const wishes = { connection, consignment: opening, proofs, from, ...(push && { push }) };
      return await serve({ ...defaults(options), ...wishes }, context);
    });
    const { image } = await opening;
    const sent = outcomes.find((one) => one.kind === "done");
    const digest = sent?.digest ?? image.root.digest;
    const pushed = push?.result();
    return {
      subject: formatSubject(subject),
      digest,
      servers: outcomes,
      ...(pushed && { pushed }),
    };
  } finally {
    await opening.then(
      async (consignment) => await consignment.close(),
      () => {},
    );
    await lock.release();
  }
}

/** What is shipped, once an archive was found to be what its sum says. */
async function openChecked(
  options: ShipOptions & { readonly store: string },
  context: Context,
): Promise<Consignment> {
  const { subject } = options;
  if (options.checkSum === true && "file" in subject) {
    const text = `There is no ${sumsOf(subject.file)}, so the archive is held against its own digests alone.`;
    const hasSum = await checkSum(subject.file, context.signal);
    if (!hasSum) context.report({ kind: "note", text });
  }
  const { openConsignment } = await import("./cargo.ts");
  return await openConsignment(options, context);
}

function defaults(options: ShipOptions) {
  const { via, platform, keep = 3, dryRun = false, servers } = options;
  return {
    keep,
    dryRun,
    isOverMaster: false,
    isOneOfMany: servers.length > 1,
    ...(via === undefined ? {} : { via: typeof via === "object" ? ("registry" as const) : via }),
    ...(platform === undefined ? {} : { platform }),
  };
}

/** One proof serves all servers of a kind. */
function proofsOnce(options: ShipOptions, context: Context): (cargo: Cargo) => Promise<Proofs> {
  const { waivers = [], strict = false, shipAnyway = false } = options;
  let proofs: Promise<Proofs> | undefined;
  const make = async (cargo: Cargo) => {
    const { createProofs } = await import("./proof.ts");
    return createProofs(cargo, { waivers, strict, shipAnyway }, context);
  };
  return async (cargo) => await (proofs ??= make(cargo));
}

/** `undefined` where no registry is named. Its tasks come before those of all servers. */
async function pushOnce({ subject, via, servers, dryRun = false }: ShipOptions, context: Context) {
  if (typeof via !== "object") return undefined;
  const { createPush } = await import("./push.ts");
  const source = subject.transport === "docker" ? { source: subject.reference } : {};
  return createPush({ via, dryRun, servers: servers.length, from: 1, ...source }, context);
}

/** Who has to log in by other means than a key (a second factor) has done so already where there is a master. */
async function serveOver(options: ShipmentOptions, context: Context): Promise<ShipmentResult> {
  const { shipTo } = await import("./shipment.ts");
  const { target, endpoint } = options.connection;
  try {
    return await shipTo(options, context);
  } catch (error) {
    const isDenied = isFailure(error, "SSH_DENIED", "SSH_PASSPHRASE") && endpoint !== undefined;
    if (!isDenied || !(await hasMaster(target, context))) throw error;
    const text = `${error.message} So it goes over the connection that ${sshTargetText(target)} has already (ControlMaster).`;
    context.report({ kind: "note", text });
    const connection = await connect(target, { signal: context.signal, hasEndpoint: false });
    return await shipTo({ ...options, connection, isOverMaster: true }, context);
  }
}

async function hasMaster(target: SshTarget, { runner }: Context): Promise<boolean> {
  const { exitCode } = await runner.run(sshMasterArgv(target), { deadlineMs: 10_000 });
  return exitCode === 0;
}

async function serve(options: ShipmentOptions, context: Context): Promise<ServerOutcome> {
  try {
    return { kind: "done", ...(await serveOver(options, context)) };
  } catch (error) {
    const isOver = context.signal.aborted || !isFailure(error);
    if (isOver || !options.isOneOfMany) throw error;
    const server = sshTargetText(options.connection.target);
    const { code, message, hint } = error;
    const text = `Nothing was shipped to ${server}: error[${code}]: ${message}\n  → ${hint}`;
    context.report({ kind: "warning", text });
    return { kind: "failed", server, error };
  }
}
