/**
 * OpenSSH's server for tests: unpacked beside the system, because an installed one would be started with the machine. It runs in a
 * network namespace, with a throw-away host key, and lets in one throw-away key.
 */
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { waitFor } from "../src/process/wait.ts";
import { startDaemon, stopDaemon } from "./daemon.ts";
import { downloadPackages, hasCommands, installPackages } from "./debian.ts";
import { builtOnce, type Site } from "./site.ts";

export interface SshServer {
  /** A directory for the PATH, whose `ssh` knows the server's key and has one that it takes. */
  readonly client: string;
  /** Gives the server another host key, as a machine that was set up anew has. */
  renewHostKey(): Promise<void>;
  /** Ends the server, if something else has not, and starts it again. */
  restart(): Promise<void>;
  /** Makes the client know the key that the server has now, under its address and those names (`[127.0.0.1]:2222`). */
  trustHostKey(...names: readonly string[]): Promise<void>;
  /** Lets in no login that comes from now on; those that are there stay. */
  letNobodyIn(): Promise<void>;
  /** Puts lines of ssh_config(5) before those that the client has. */
  configureClient(lines: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export interface SshServerOptions {
  /** Holds keys, configuration and log. */
  readonly directory: string;
  /** argv in front of the server: the way into its network namespace. */
  readonly inside: readonly string[];
  /** Its address there. */
  readonly address: string;
  /** What a login finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Further lines of sshd_config(5), which come first and so count. */
  readonly settings?: readonly string[];
  /** A user without rights who is let in by the same key, and what sudoers(5) says of that user, where there is sudo. */
  readonly user?: { readonly name: string; readonly sudoers?: string };
  /** What a login finds in /proc/cpuinfo; absent: this machine's. */
  readonly cpuinfo?: string;
}

/** Starts the server; it answers when this returns. @throws where the machine is no Debian or Ubuntu */
export async function startSshServer(site: Site, options: SshServerOptions): Promise<SshServer> {
  const { directory, address } = options;
  const at = (name: string) => path.join(directory, name);
  const program = await sshServerProgram(site);
  if (options.user?.sudoers !== undefined && !(await hasCommands(site, "sudo")))
    await installPackages(site, ["sudo"]);
  if (!(await hasCommands(site, "ssh", "ssh-keygen", "ssh-keyscan"))) {
    await installPackages(site, ["openssh-client"]);
  }
  await mkdir(at("client"), { recursive: true });
  // Who logs in reads the list of keys, and where the directory is closed only root does.
  if (options.user !== undefined) await chmod(directory, 0o711);
  await makeKey(site, at("login"));
  await makeKey(site, at("host"));
  await copyFile(at("login.pub"), at("authorized"));
  await writeFile(at("server.conf"), serverConfiguration(directory, options));
  await writeFile(at("client.conf"), clientConfiguration(directory));
  const wrapper = `#!/bin/sh\nexec ${await pathOf(site, "ssh")} -F '${at("client.conf")}' "$@"\n`;
  await writeFile(path.join(at("client"), "ssh"), wrapper, { mode: 0o755 });
  let pid = await start(site, program, options);
  const restart = async () => {
    await stopDaemon(pid);
    pid = await start(site, program, options);
  };
  const trustHostKey = async (...names: readonly string[]) => {
    const key = await readFile(at("host.pub"), "utf8");
    await writeFile(at("known"), `${[address, ...names].join(",")} ${key}`);
  };
  await trustHostKey();
  return {
    client: at("client"),
    trustHostKey,
    letNobodyIn: async () => await writeFile(at("authorized"), ""),
    async configureClient(lines) {
      const own = await readFile(at("client.conf"), "utf8");
      await writeFile(at("client.conf"), `${lines.join("\n")}\n${own}`);
    },
    restart,
    async renewHostKey() {
      await makeKey(site, at("host"));
      await restart();
    },
    stop: async () => await stopDaemon(pid),
  };
}

async function start(site: Site, program: string, options: SshServerOptions): Promise<number> {
  const { directory, inside, address } = options;
  const daemon = [program, "-D", "-e", "-f", path.join(directory, "server.conf")];
  const script = path.join(directory, "start");
  await writeFile(path.join(directory, "sudoers"), options.user?.sudoers ?? "", { mode: 0o440 });
  await writeFile(
    path.join(directory, "cpuinfo"),
    options.cpuinfo ?? (await readFile("/proc/cpuinfo")),
  );
  await writeFile(script, startScript(program, directory, options.user?.name));
  const argv = [...inside, "unshare", "--mount", "sh", script, ...daemon];
  const pid = await startDaemon(site, argv, path.join(directory, "sshd.log"));
  const scan = ["ssh-keyscan", "-T", "2", address] as const;
  await waitFor(async () => ((await site.attempt(scan)).stdout === "" ? undefined : true), {
    what: "The ssh server's start",
    deadlineMs: 20_000,
    signal: site.signal,
  });
  return pid;
}

/**
 * In a mount namespace of its own the server finds what a package would have installed: its user, its directory and, since
 * OpenSSH 9.8, its helpers.
 */
function startScript(program: string, directory: string, user: string | undefined): string {
  const root = path.resolve(program, "../../..");
  const users = path.join(directory, "passwd");
  return `set -e
mkdir -p /run/sshd
grep -v '^sshd:' /etc/passwd > '${users}'
echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >> '${users}'
${user === undefined ? "" : `echo '${user}:*:65532:65534::/tmp:/bin/sh' >> '${users}'`}
mount --bind '${users}' /etc/passwd
mount --bind '${path.join(directory, "cpuinfo")}' /proc/cpuinfo
test ! -e /etc/sudoers || mount --bind '${path.join(directory, "sudoers")}' /etc/sudoers
mount --bind '${root}/usr/lib/openssh' /usr/lib/openssh
export LD_LIBRARY_PATH="$(echo '${root}'/usr/lib/*-linux-gnu)"
exec "$@"
`;
}

function serverConfiguration(
  directory: string,
  { address, env, settings = [] }: Pick<SshServerOptions, "address" | "env" | "settings">,
): string {
  const variables = Object.entries(env).map(([name, value]) => `"${name}=${value}"`);
  return [
    ...settings,
    `ListenAddress ${address}:22`,
    `HostKey ${directory}/host`,
    `AuthorizedKeysFile ${directory}/authorized`,
    `PidFile ${directory}/sshd.pid`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "MaxStartups 100",
    ...(variables.length === 0 ? [] : [`SetEnv ${variables.join(" ")}`]),
    "",
  ].join("\n");
}

/** What a user has after the first login: the key is known, and another is refused. */
function clientConfiguration(directory: string): string {
  return [
    "Host *",
    `  IdentityFile ${directory}/login`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${directory}/known`,
    "  GlobalKnownHostsFile /dev/null",
    "  StrictHostKeyChecking ask",
    "",
  ].join("\n");
}

async function makeKey(site: Site, file: string): Promise<void> {
  await rm(file, { force: true });
  await site.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "transship", "-f", file]);
}

/** The program, from the packages of the machine's own release. */
async function sshServerProgram(site: Site): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8");
  const suite = /^VERSION_CODENAME="?([\w.-]+)"?$/m.exec(release)?.[1] ?? "stable";
  const root = await builtOnce(site, `ssh-server-${suite}`, async (directory) => {
    site.report("Unpacking OpenSSH's server");
    const { stdout } = await site.run(["dpkg", "--print-architecture"]);
    const files = await downloadPackages(site, {
      names: ["openssh-server", "libwrap0"],
      architectures: [stdout.trim()],
      suite,
      directory: path.join(directory, "packages"),
    });
    for (const file of files) await site.run(["dpkg", "-x", file, directory]);
    await mkdir(path.join(directory, "usr/lib/openssh"), { recursive: true });
  });
  return path.join(root, "usr/sbin/sshd");
}

async function pathOf(site: Site, name: string): Promise<string> {
  return (await site.run(["sh", "-c", 'command -v "$1"', "sh", name])).stdout.trim();
}
