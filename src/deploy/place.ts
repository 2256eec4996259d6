/** Where a server keeps what it knows of an app: below the home directory of the login, so that nothing there needs root. */
import type { AppName } from "./names.ts";

/**
 * The assignment of `$place`, the app's directory (XDG Base Directory Specification), and in it:
 *
 *     lock                   who is at work, while somebody is
 *     state                  how far the last operation is, and which release serves
 *     history                the releases in the order in which they served
 *     audit                  a line of JSON for each verdict
 *     releases/RELEASE/      settings, environment (0600), record.json
 *     operations/OPERATION/  watchdog, settings, events, process, output
 *
 * Beside the apps' directories, under a name that none can have, is the lock of the proxy that they share.
 */
export function placeWords(app: AppName | ".proxy"): string {
  return `place="\${XDG_STATE_HOME:-$HOME/.local/state}/transship/${app}"`;
}
