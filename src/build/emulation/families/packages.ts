/** Package managers, and programs that set an image up: what they do is the image's own, and runs their programs in it. */
import { operandsOf, type Program } from "../program.ts";
import type { Family } from "../treatment.ts";

const managers: ReadonlySet<string> = new Set(
  "apt apt-get apt-key aptitude add-apt-repository dpkg apk dnf microdnf yum rpm zypper tdnf pacman opkg".split(
    " ",
  ),
);
const settlers: ReadonlySet<string> = new Set(
  "a2dismod a2enconf a2enmod a2ensite apt-cache apt-mark debconf-set-selections dpkg-reconfigure fc-cache ldconfig locale-gen localedef setcap systemctl update-alternatives update-ca-certificates update-locale update-ca-trust phpenmod docker-php-ext-enable rc-update".split(
    " ",
  ),
);

export const packages: Family = ({ name = "" }) => {
  if (managers.has(name)) {
    return {
      kind: "install",
      why: "A package manager runs the programs that it installs, so it has to run for the target; install little, or use a native node.",
    };
  }
  if (!settlers.has(name)) return undefined;
  return {
    kind: "install",
    why: "It sets up the image that it runs in, which it has to do there.",
  };
};

/** The packages that a command installs. */
export function installedBy(program: Program): readonly string[] {
  if (!managers.has(program.name ?? "")) return [];
  const [verb, ...names] = operandsOf(program);
  return verb === "install" || verb === "add" ? names : [];
}

/** Libraries with what a compiler needs of them: they have to be the target's. The C library's own is in every toolchain. */
export function librariesOf(programs: readonly Program[]): readonly string[] {
  const own = /^(?:musl|libc6|libc|linux-libc|dpkg|libstdc\+\+(?:-\d+)?)-dev$/;
  const found = programs
    .flatMap(installedBy)
    .map((name) => name.replace(/[=<>~].*$/, ""))
    .filter((name) => /-(?:dev|devel|static|libs)$/.test(name) && !own.test(name));
  return [...new Set(found)];
}

/** Whether a compiler of C was installed, or what brings one. */
export function bringsCompiler(programs: readonly Program[]): boolean {
  return programs
    .flatMap(installedBy)
    .some((name) =>
      /^(?:build-base|build-essential|gcc|g\+\+|clang|musl-dev|libc6-dev|zig|alpine-sdk)\b/.test(
        name,
      ),
    );
}
