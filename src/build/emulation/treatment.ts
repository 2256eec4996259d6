/** What a family of tools says of one command: whether it can run on the machine that builds, and what must be written for that. */
import type { Platform } from "../../platform/platform.ts";
import type { Vocabulary } from "./architecture.ts";
import type { Edit } from "./edit.ts";
import type { Program } from "./program.ts";

/** From the cheapest to the dearest way out. */
export const kinds = ["plain", "neutral", "cross", "install", "foreign"] as const;

export type Kind =
  /** It moves files about: the same anywhere, and quick even under an emulator. */
  | "plain"
  /** What it makes is the same on every machine. */
  | "neutral"
  /** It can be told to make something for another machine. */
  | "cross"
  /** It puts packages into the image that it runs in, or sets that image up. */
  | "install"
  /** It has to run on the target's machine, or nobody can say. */
  | "foreign";

/** What brings compilers for other machines into a stage. */
export type Toolchain =
  /** Debian's crossbuild-essential. */
  | "crossbuild"
  /** github.com/tonistiigi/xx, with clang. */
  | "xx";

export type TargetVariable = "TARGETOS" | "TARGETARCH" | "TARGETVARIANT" | "TARGETPLATFORM";

/** A file or directory that a command leaves. */
export interface Output {
  /** Absolute. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Where it belongs in the image, where that is another place. */
  readonly to?: string;
}

export interface Treatment {
  readonly kind: Kind;
  /** One sentence in plain words. */
  readonly why: string;
  /** Commands that the step begins with. */
  readonly preparations?: readonly string[];
  /** Changes of the shell's text. */
  readonly edits?: readonly Edit[];
  readonly variables?: readonly TargetVariable[];
  readonly vocabularies?: readonly Vocabulary[];
  readonly toolchain?: Toolchain;
  /** Undefined where nobody can say what it leaves. */
  readonly outputs?: readonly Output[];
  readonly caveat?: string;
  /** What a stage that does this is called. */
  readonly stage?: string;
}

/** What a family may look at beside the command. */
export interface Situation {
  /** The platform that the step runs on, and those that the build is for. */
  readonly platform: Platform;
  readonly platforms: readonly Platform[];
  /** The name of the image that the stage begins with. */
  readonly image: string;
  readonly distribution: "debian" | "alpine" | "other";
  /** Whether its stage is part of the image that is built, so that what it makes is taken out of a stage of its own. */
  readonly isSplit: boolean;
  /** Where it runs; undefined where that takes an expansion, or the image says it. */
  readonly directory: string | undefined;
  /** What ENV, `export` and assignments set before it, as written. */
  readonly environment: ReadonlyMap<string, string>;
  /** The programs that ran in the stage before it, and those that run after it. */
  readonly earlier: readonly Program[];
  readonly later: readonly Program[];
  /** Whether the image that is built gets something of that path. */
  readonly isCarriedOut: (path: string) => boolean;
  /** Whether another stage takes something of that path and runs on the machine that builds. */
  readonly isUsedOnBuilder: (path: string) => boolean;
}

export type Family = (program: Program, situation: Situation) => Treatment | undefined;

/** Everything in the directory that it runs in, where that is one of the project's own. */
export function whole({ directory }: Situation): readonly Output[] | undefined {
  if (directory === undefined || systemDirectories.has(directory)) return undefined;
  return [{ path: directory, isDirectory: true }];
}

/** Programs for the machine that builds are in these, so that none of them is copied as a whole. */
const systemDirectories: ReadonlySet<string> = new Set(
  "/ /bin /etc /home /lib /lib64 /opt /root /run /sbin /srv /tmp /usr /usr/bin /usr/lib /usr/local /usr/local/bin /usr/local/lib /usr/share /usr/src /usr/sbin /usr/local/sbin /usr/local/share /usr/local/include /usr/local/cargo /usr/local/cargo/bin /usr/include /var /var/lib /var/cache /var/log /var/www".split(
    " ",
  ),
);

export function isSystemDirectory(path: string): boolean {
  return systemDirectories.has(path);
}

/** A tool that the build uses: part of the image where the stage is. */
export function tool(why: string, { isSplit }: Pick<Situation, "isSplit">): Treatment {
  return isSplit ? { kind: "install", why } : { kind: "neutral", why, outputs: [] };
}

export function foreign(why: string, caveat?: string): Treatment {
  return { kind: "foreign", why, ...(caveat === undefined ? {} : { caveat }) };
}
