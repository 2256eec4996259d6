/** The servers and the app that a verb is about, by the same flags everywhere: apart from what reads them, which help does without. */
import { listFlag, textFlag } from "./flags.ts";

export interface ServerFlags {
  readonly to?: readonly string[];
  readonly app?: string;
  readonly port?: string;
  readonly identity?: string;
}

export const serverFlags = {
  to: listFlag("The server, as ssh takes it: user@host, ssh://user@host:port", "SERVER"),
  app: textFlag("The app's name there", "NAME"),
  port: textFlag("The port of ssh", "PORT"),
  identity: textFlag("The key that ssh takes", "FILE"),
};
