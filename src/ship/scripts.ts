/** The scripts that a server runs for a shipment: each a pure function of its words. */
import { quote } from "../process/command.ts";
import { type DockerAccess, searchPath } from "../server/docker-access.ts";

/**
 * Has commands ended when the script is told to end: a shell waits for what it runs, and dies without it. A signal may come before a
 * command is begun, and while it is.
 */
const attend = `children= isOver=
trap 'isOver=1; test -z "$children" || kill $children 2>/dev/null' TERM
begun() { children="$children $!"; test -z "$isOver" || kill "$!"; }
attend() { test -z "$isOver" || exit 143; "$@" & begun; wait "$!"; }
beside() { test -z "$isOver" || exit 143; "$@" >/dev/null 2>&1 & begun; }`;

export interface Naming {
  readonly access: DockerAccess;
  /** What the image is called until then. */
  readonly from: string;
  /** The names that it gets. */
  readonly names: readonly string[];
  /** Names that go: the temporary one, and protecting ones that are too many. */
  readonly gone: readonly string[];
}

/** The argv of a pull, as it is shown. */
export function pullArgv(
  access: DockerAccess,
  reference: string,
  platform: string,
): readonly string[] {
  return [...access.split(" "), "pull", "--platform", platform, reference];
}

export function pullScript(argv: readonly string[], naming: Naming): string {
  return [searchPath, attend, `attend ${words(argv)} || exit`, ...nameLines(naming)].join("\n");
}

interface Login {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  /** User and password as HTTP's Basic has them, in base64. */
  readonly credentials: string;
  /** The docker context in use there. */
  readonly context: string;
}

export interface TunnelPull {
  readonly access: DockerAccess;
  readonly platform: string;
  readonly login: Login;
  readonly reference: string;
  /** Images of the lower layers, which stay if the pull comes to nothing. */
  readonly checkpoints: readonly string[];
  readonly naming: Naming;
}

/**
 * A pull with a login of its own, in a file that only this user reads: what stands in a command line, as the image's path does, anybody
 * on the server can see.
 */
export function tunnelPullScript(pull: TunnelPull): string {
  const { access, platform, login, reference, checkpoints, naming } = pull;
  const command = `${access} --config "$config" pull --platform ${quote(platform)}`;
  return [
    searchPath,
    attend,
    configLines(login),
    ...checkpoints.map((one) => `beside ${command} --quiet ${quote(one)}`),
    `attend ${command} ${quote(reference)} || exit`,
    // What they share with the whole is there, so they are at their end.
    "wait",
    ...nameLines({ ...naming, gone: [...checkpoints, ...naming.gone] }),
  ].join("\n");
}

/** A directory for docker's settings: the login, which is not even in the words of a `printf`, and the contexts that this user has. */
function configLines({ host, credentials, context }: Login): string {
  const isUsual = context === "" || context === "default";
  const settings = {
    auths: { [host]: { auth: credentials } },
    ...(isUsual ? {} : { currentContext: context }),
  };
  return `config=$(mktemp -d) || exit
trap 'rm -rf "$config"' EXIT
cat > "$config/config.json" <<'END' || exit
${JSON.stringify(settings)}
END
contexts=\${DOCKER_CONFIG:-$HOME/.docker}/contexts
test ! -d "$contexts" || ln -s "$contexts" "$config/contexts"`;
}

/** Gives an image that is there its names. */
export function nameScript(naming: Naming): string {
  return [searchPath, ...nameLines(naming)].join("\n");
}

/** The engine's ID of what has that name now comes last. */
function nameLines({ access, from, names, gone }: Naming): readonly string[] {
  const [first = from] = names;
  return [
    // Each call takes docker some 40 ms, and none has to wait for another of its kind.
    "tagging=",
    ...names.map((name) => {
      const tag = `${access} tag ${words([from, name])}`;
      // Of two runs that give a name at once, one fails where the image store is containerd's ("already exists").
      return `{ ${tag} 2>/dev/null || ${tag}; } & tagging="$tagging $!"`;
    }),
    'for one in $tagging; do wait "$one" || exit; done',
    // One that is gone already is what is wanted.
    ...(gone.length === 0 ? [] : [`${access} image rm ${words(gone)} >/dev/null 2>&1 &`]),
    `${access} image inspect --format '{{.Id}}' ${words([first])} || exit`,
    "wait",
  ];
}

export function removeNamesScript(access: DockerAccess, names: readonly string[]): string {
  return `${searchPath}\n${access} image rm ${words(names)} >/dev/null 2>&1; true`;
}

/** Makes a container and removes it: what is not whole cannot be made into one. */
export function believeScript(
  access: DockerAccess,
  {
    id,
    platform,
    runId,
  }: { readonly id: string; readonly platform: string; readonly runId: string },
): string {
  const flags = [
    "--pull",
    "never",
    "--platform",
    platform,
    "--label",
    `dev.transship.run=${runId}`,
  ];
  return `${searchPath}
made=$(${access} create ${words([...flags, id, "/transship"])}) || exit
${access} rm --force "$made" >/dev/null`;
}

function words(list: readonly string[]): string {
  return list.map(quote).join(" ");
}
