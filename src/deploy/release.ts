/** A release: what runs on a server, how it is made, and what is asked of it before and after it gets the traffic. */
import type { Digest } from "../oci/digest.ts";
import type { AppName, ReleaseId } from "./names.ts";
import type { RunArguments } from "./run-arguments.ts";

export interface Release {
  readonly app: AppName;
  readonly id: ReleaseId;
  /** Its name on the server. */
  readonly image: string;
  /** The image's root, as it was shipped. */
  readonly digest: Digest;
  /** The engine's ID of it, by which the container is made. */
  readonly imageId: Digest;
  readonly run: RunArguments;
  readonly gate: Gate;
  /** How the traffic is given to it. */
  readonly strategy: Strategy;
  /** Of the strategy `proxy`: whole seconds that the old one may go on with what it has begun. */
  readonly drainSeconds: number;
  /** The watch after the switch, in whole seconds. */
  readonly bakeSeconds: number;
  /** Two containers at its volumes would spoil them: the old one stops before the new one starts. */
  readonly isSingleWriter: boolean;
  /** Runs once in the new image before the switch. */
  readonly beforeSwitch?: Hook;
}

export const strategies = ["proxy", "recreate"] as const;
export type Strategy = (typeof strategies)[number];

export interface Gate {
  /** Asked with GET; absent: no HTTP is spoken. */
  readonly health?: {
    /** The container's port. */
    readonly port: number;
    /** `/api/healthchecker` */
    readonly path: string;
    /** The Host header. */
    readonly host: string;
    /** Whole seconds that an answer may take, 1 to 255. */
    readonly seconds: number;
  };
  /** The image's own HEALTHCHECK, which is asked on our clock; absent where it has none. */
  readonly healthcheck?: {
    readonly command: HealthCommand;
    readonly seconds: number;
  };
  /** In a row. */
  readonly goodAnswers: number;
  /** Whole seconds until it must have given them. */
  readonly startSeconds: number;
}

/** `CMD-SHELL` and `CMD` of an image's configuration (moby, docker image spec, "Healthcheck"). */
export type HealthCommand =
  | { readonly shell: string; readonly argv?: never }
  | { readonly argv: readonly string[]; readonly shell?: never };

export interface Hook {
  readonly command: readonly string[];
  /** Whole seconds that it may take. */
  readonly seconds: number;
}
