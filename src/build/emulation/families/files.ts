/** Programs that move files about and the shell's own: they do the same on any machine, and end in moments even under an emulator. */
import { operandsOf, type Program } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, isSystemDirectory, type Output, type Situation } from "../treatment.ts";

const quiet: ReadonlySet<string> = new Set(
  ": [ awk basename break cat cd cmp comm continue cut date df diff dirname du echo egrep exit expr export false fgrep find getent grep groups head hostname id local ls mktemp nproc printenv printf pwd readlink read realpath return rm rmdir seq set sha1sum sha256sum sha512sum shift shopt sleep sort stat sync tail test tr trap true tty type ulimit umask uniq unset wait wc which whoami xargs yes md5sum".split(
    " ",
  ),
);
/** The last word is what they make. */
const writers: ReadonlySet<string> = new Set(["cp", "mv", "install", "ln", "rsync"]);
/** Every word is what they make or change. */
const makers: ReadonlySet<string> = new Set(["mkdir", "touch", "tee", "truncate"]);
/** What they change goes with the file. */
const changers: ReadonlySet<string> = new Set([
  "chmod",
  "sed",
  "split",
  "dos2unix",
  "envsubst",
  "jq",
  "yq",
]);
/** What they change is in the image's own list of users, or lost by copying, or not to be read from the line. */
const owners: ReadonlySet<string> = new Set(
  "gpg gpgv openssl ssh-keyscan ssh-keygen file addgroup adduser chgrp chown groupadd groupmod passwd chpasswd useradd userdel usermod deluser delgroup".split(
    " ",
  ),
);

const why = "It only moves files about, which takes moments under an emulator too.";

export const files: Family = (program, situation) => {
  const { name = "", args } = program;
  if (name === "find" && args.some(({ text }) => /^-(?:exec|ok)(?:dir)?$/.test(text))) {
    return starts(args.find((_, at) => /^-(?:exec|ok)/.test(args[at - 1]?.text ?? ""))?.value);
  }
  if (name === "xargs") return starts(operandsOf(program).find((word) => !/^\d+$/.test(word)));
  if (quiet.has(name)) return { kind: "plain", why, ...written(program, situation, []) };
  if (changers.has(name)) return { kind: "plain", why, ...written(program, situation, []) };
  if (owners.has(name)) return { kind: "plain", why };
  if (makers.has(name)) {
    const made = paths(operandsOf(program), name === "mkdir", situation)?.filter(
      ({ path }) => !isSystemDirectory(path),
    );
    return { kind: "plain", why, ...written(program, situation, made) };
  }
  if (!writers.has(name)) return undefined;
  return { kind: "plain", why, ...written(program, situation, putBy(program, situation)) };
};

/** What cp, mv and their like leave: in a directory a file of the same name. */
function putBy(program: Program, situation: Situation): readonly Output[] | undefined {
  const words = operandsOf(program);
  const last = words.at(-1) ?? "";
  const to = paths([last], last.endsWith("/"), situation);
  const isInto = last.endsWith("/") || to?.some(({ path }) => isSystemDirectory(path)) === true;
  if (to === undefined || !isInto) return to;
  const names = words.slice(0, -1).map((word) => `${last}/${word.split("/").at(-1) ?? ""}`);
  return names.some((name) => /[$*?]|\/\.{0,2}$/.test(name))
    ? undefined
    : paths(names, false, situation);
}

/** What another program starts, as far as it is one of these. */
function starts(name: string | undefined) {
  const base = name?.split("/").at(-1) ?? "";
  const isKnown = quiet.has(base) || changers.has(base) || owners.has(base) || writers.has(base);
  return isKnown || makers.has(base) ? ({ kind: "plain", why } as const) : undefined;
}

function paths(
  words: readonly string[],
  isDirectory: boolean,
  situation: Situation,
): readonly Output[] | undefined {
  const found = words.map((word) => (word.includes("$") ? undefined : pathOf(word, situation)));
  return found.flatMap((path) => (path === undefined ? [] : [{ path, isDirectory }])).length ===
    found.length
    ? found.flatMap((path) => (path === undefined ? [] : [{ path, isDirectory }]))
    : undefined;
}

/** With what the shell writes into a file for it. */
function written(
  { command }: Program,
  situation: Situation,
  own: readonly Output[] | undefined,
): { readonly outputs?: readonly Output[] } {
  const targets = command.redirections
    .filter(({ sign, to }) => sign.includes(">") && !sign.endsWith("&") && to.value !== "/dev/null")
    .map(({ to }) => to.value ?? "$");
  const redirected = paths(targets, false, situation);
  if (own === undefined || redirected === undefined) return {};
  return { outputs: [...own, ...redirected] };
}
