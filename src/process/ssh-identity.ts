/**
 * Private keys of ssh, and the one reason for a refused login that ssh keeps to itself: in BatchMode a key that asks for its passphrase
 * is passed over, and "Permission denied (publickey)" is all that is said (openssh-portable, `load_identity_file` in `sshconnect2.c`).
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import path from "node:path";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import { type Argv, quote, quotePath } from "./command.ts";
import type { Finished, Runner, RunOptions } from "./run.ts";
import { sshSettingsArgv, type SshTarget, sshTargetText } from "./ssh.ts";

/** What a private key's file says in clear. */
export interface PrivateKey {
  /** Whether it is encrypted, so that it asks for a passphrase. */
  readonly isLocked: boolean;
  /** The public half in base64, as a `.pub` file and `ssh-add -L` have it; PEM does not tell that of a locked key. */
  readonly publicKey?: string;
}

/** The NUL belongs to it. */
const openSshMagic = Buffer.from("openssh-key-v1\0", "latin1");

/**
 * Reads a private key's file: OpenSSH's own format, or PEM. `undefined` where it is neither, as a `.pub` file is, or was cut.
 * Source: openssh-portable, PROTOCOL.key and `sshkey.c`; RFC 7468, section 11; RFC 1421, section 4.6.1.1, for PEM's headers.
 */
export function readPrivateKey(bytes: Uint8Array): PrivateKey | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const begin = /^-----BEGIN ((?:[A-Z\d]+ )?PRIVATE KEY)-----\r?\n/m.exec(text);
  const [line = "", label = ""] = begin ?? [];
  if (begin === null || !text.includes(`\n-----END ${label}-----`)) return undefined;
  const body = text.slice(begin.index + line.length);
  if (label === "OPENSSH PRIVATE KEY") {
    // Of this format ssh wants it at the very start, and with a plain line feed.
    return begin.index === 0 && line.endsWith("-\n") ? readOpenSshKey(body) : undefined;
  }
  const isEncrypted =
    label === "ENCRYPTED PRIVATE KEY" || body.startsWith("Proc-Type: 4,ENCRYPTED");
  return { isLocked: isEncrypted };
}

function readOpenSshKey(body: string): PrivateKey | undefined {
  const bytes = Buffer.from(body.split("-----END", 1)[0] ?? "", "base64");
  if (!bytes.subarray(0, openSshMagic.length).equals(openSshMagic)) return undefined;
  let at = openSshMagic.length;
  /** A string of SSH: its length, then so many bytes (RFC 4251, section 5). */
  const nextString = (): Buffer | undefined => {
    const start = at + 4;
    const end = start <= bytes.length ? start + bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) return undefined;
    at = end;
    return bytes.subarray(start, end);
  };
  const cipher = nextString();
  nextString(); // the name of its key derivation
  const derivation = nextString();
  if (cipher === undefined || derivation === undefined) return undefined;
  at += 4; // how many keys: always one
  const publicKey = nextString();
  if (publicKey === undefined) return undefined;
  const isLocked = cipher.toString("latin1") !== "none";
  return { isLocked, publicKey: publicKey.toString("base64") };
}

/** Bytes that are read of a file; the key of RSA with 16,384 bits, the longest that ssh makes, has some 13,000. */
const mostBytes = 64 * 1024;

/** `undefined` where there is no file that may be read. */
async function readStart(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    // A pipe of that name is not waited for.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(mostBytes);
    if (!(await handle.stat()).isFile()) return undefined;
    const { bytesRead } = await handle.read(buffer, 0, mostBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

/**
 * The key's file for which ssh would have to ask for a passphrase: the first of the target's identity files that is encrypted and not in
 * the agent. `undefined` where an identity file needs none, where there is none, and where it cannot be told.
 * @throws INTERRUPTED or TERMINATED; whatever else fails is no answer
 */
export async function lockedIdentity(
  target: SshTarget,
  runner: Runner,
): Promise<string | undefined> {
  const settings = await readSettings(target, runner);
  return settings === undefined ? undefined : (await findLocked(settings, runner))?.file;
}

/**
 * The error of a login that the server refused, made SSH_PASSPHRASE where a locked key was passed over; every other error as it is.
 * @throws as {@link lockedIdentity}
 */
export async function explainDenied(
  error: TransshipError,
  target: SshTarget,
  runner: Runner,
): Promise<TransshipError> {
  if (error.code !== "SSH_DENIED") return error;
  // "me@server: Permission denied (publickey,password)."; after too many keys something else was wrong.
  const [, host, methods = ""] =
    /(?:@([^\s@]+): )?Permission denied \(([^)]*)\)/.exec(String(error.facts["reason"])) ?? [];
  if (!methods.split(",").includes("publickey")) return error;
  const settings = await readSettings(target, runner);
  // A host in between (ProxyJump) has keys of its own.
  const isOther = host !== undefined && host !== settings?.one.get("hostname")?.toLowerCase();
  if (settings === undefined || isOther) return error;
  const locked = await findLocked(settings, runner);
  if (locked === undefined) return error;
  const home = homedir();
  const { file, agent } = locked;
  const identity = file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
  const { host: named } = target;
  const add = addCommand(identity, agent);
  const facts = { host: named, target: sshTargetText(target), identity, add };
  return fail("SSH_PASSPHRASE", facts, { cause: error });
}

/** What gives the key to the agent that ssh will ask. */
function addCommand(identity: string, { socket, isThere }: Agent): string {
  const add = `ssh-add ${quotePath(identity)}`;
  if (socket !== undefined) return `SSH_AUTH_SOCK=${quote(socket)} ${add}`;
  return isThere ? add : `eval "$(ssh-agent)" && ${add}`;
}

interface Settings {
  readonly target: SshTarget;
  /** Each setting's first value, its name in lower case. */
  readonly one: ReadonlyMap<string, string>;
  /** As the configuration has them, or ssh's own defaults; not all need be there. */
  readonly identityFiles: readonly string[];
}

async function readSettings(target: SshTarget, runner: Runner): Promise<Settings | undefined> {
  const finished = await tryToRun(runner, sshSettingsArgv(target));
  if (finished?.exitCode !== 0) return undefined;
  const one = new Map<string, string>();
  const identityFiles: string[] = [];
  for (const line of finished.stdout.split(/\r?\n/)) {
    const [, name = "", value = ""] = /^(\S+) (.+)$/.exec(line) ?? [];
    if (name === "identityfile") identityFiles.push(value);
    if (!one.has(name)) one.set(name, value);
  }
  return { target, one, identityFiles };
}

interface Locked {
  readonly file: string;
  readonly agent: Agent;
}

async function findLocked(settings: Settings, runner: Runner): Promise<Locked | undefined> {
  const { one, identityFiles } = settings;
  // Keys were not tried; or macOS may know the passphrase, and then the key was no reason.
  if (/^(?:no|false)$/.test(one.get("pubkeyauthentication") ?? "yes")) return undefined;
  if (one.get("usekeychain") === "yes") return undefined;
  const files: string[] = [];
  for (const written of identityFiles) {
    if (written.toLowerCase() === "none") continue;
    const file = expand(written, settings);
    // It may be the one that was tried.
    if (file === undefined) return undefined;
    files.push(path.resolve(file));
  }
  const locked: { readonly file: string; readonly publicKey: string | undefined }[] = [];
  for (const file of new Set(files)) {
    const bytes = await readStart(file);
    const key = bytes && readPrivateKey(bytes);
    if (key?.isLocked === false) return undefined;
    if (key !== undefined) locked.push({ file, publicKey: key.publicKey ?? (await pairOf(file)) });
  }
  if (locked.length === 0) return undefined;
  const agent = await askAgent(settings, runner);
  const found = locked.find(({ file, publicKey }) => !agent?.has(file, publicKey));
  return agent === undefined || found === undefined ? undefined : { file: found.file, agent };
}

/** The public key that stands beside a private one in PEM. */
async function pairOf(file: string): Promise<string | undefined> {
  return (await readStart(`${file}.pub`))?.toString("latin1").split(/\s+/)[1];
}

interface Agent {
  /** The socket that the configuration names; absent where it is that of the environment. */
  readonly socket?: string;
  readonly isThere: boolean;
  has(file: string, publicKey: string | undefined): boolean;
}

/** The agent that ssh asks for that target; `undefined` where it asks none, or it cannot be told which. */
async function askAgent(settings: Settings, runner: Runner): Promise<Agent | undefined> {
  const usual = "SSH_AUTH_SOCK";
  const written = settings.one.get("identityagent") ?? usual;
  if (written === "none") return undefined;
  const named = /^\$(\w+)$/.exec(written)?.[1] ?? (written === usual ? usual : undefined);
  const socket = named === undefined ? expand(written, settings) : process.env[named];
  if (socket === undefined && named !== usual) return undefined;
  const isUsual = socket === process.env[usual] || socket === undefined;
  const options = isUsual ? {} : { env: { [usual]: socket } };
  const finished = await tryToRun(runner, ["ssh-add", "-L"], options);
  // Each line is a type, the key in base64 and a comment, which `ssh-add` takes from PEM's file name.
  const keys = finished?.exitCode === 0 ? finished.stdout.split(/\r?\n/) : [];
  return {
    ...(isUsual ? {} : { socket }),
    // 1: it has no keys; 2: it cannot be asked (ssh-add(1)).
    isThere: finished?.exitCode === 0 || finished?.exitCode === 1,
    has: (file, publicKey) =>
      keys.some((line) => {
        const [, key, ...comment] = line.split(" ");
        return publicKey === undefined ? comment.join(" ") === file : key === publicKey;
      }),
  };
}

/**
 * A file's name as ssh takes it from its configuration: with the home directory, the tokens that configurations have, and variables of
 * the environment. `undefined` where something else stands in it. Source: ssh_config(5), "TOKENS" and "ENVIRONMENT VARIABLES".
 */
function expand(written: string, { target, one }: Settings): string | undefined {
  // ssh does not go by $HOME.
  const { homedir: home, username, uid } = userInfo();
  const tokens: Readonly<Record<string, string | undefined>> = {
    "%": "%",
    d: home,
    h: one.get("hostname"),
    i: String(uid),
    n: target.host,
    p: one.get("port"),
    r: one.get("user"),
    u: username,
  };
  if (/^~[^/]/.test(written)) return undefined;
  let isKnown = true;
  const named = written.replace(/^~(?=\/|$)/, () => home);
  const file = named.replaceAll(/%(.?)|\$\{([^}]*)\}/g, (_all, token?: string, name?: string) => {
    const value = name === undefined ? tokens[token ?? ""] : process.env[name];
    isKnown &&= value !== undefined;
    return value ?? "";
  });
  return isKnown ? file : undefined;
}

const deadlineMs = 10_000;

/** `undefined` where it cannot be started or does not end. @throws INTERRUPTED or TERMINATED */
async function tryToRun(
  runner: Runner,
  argv: Argv,
  options: Pick<RunOptions, "env"> = {},
): Promise<Finished | undefined> {
  try {
    return await runner.run(argv, { ...options, deadlineMs });
  } catch (error) {
    if (isFailure(error, "INTERRUPTED", "TERMINATED")) throw error;
    return undefined;
  }
}
