/** What goes wrong because a step cannot reach something. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";

const unreachable =
  "Temporary failure resolving|Could not resolve|Could not connect|Connection failed|Connection timed out|Unable to connect|Cannot initiate the connection|Network is unreachable";

/**
 * Each tool's own words for a network that fails, from the start of its line; the first group is whom it could not reach. A service
 * that a step's own tests do not reach is no network's failure: nothing here is a phrase that any program prints, nor about the loopback.
 */
const failures: readonly RegExp[] = [
  // apt-pkg/acquire-item.cc. A W: alone is no failure of apt's.
  new RegExp(`^E: Failed to fetch (\\S+)\\s+.*(?:${unreachable})`),
  // curl, src/tool_operate.c: 5 to 7 and 35, 52, 55, 56, 60.
  /^curl: \((?:5|6|7|28|35|52|55|56|60)\) (?:Could not resolve (?:host|proxy): |Failed to connect to )?(\S+)/,
  // GNU wget, src/connect.c; busybox, networking/wget.c.
  /^wget: unable to resolve host address [‘'"]?([^\s’'"]+)/,
  /^wget: (?:bad address|can't connect to remote host) [('"]?([^\s)'"]+)/,
  /^Connecting to (\S+?)(?:\|\S*)?\.\.\. failed: (?:Connection refused|Connection timed out|No route to host|Network is unreachable)/,
  // npm, lib/utils/error-message.js; before npm 10 it says ERR!.
  /^npm (?:error|ERR!) network request to (\S+) failed, reason: /,
  /^npm (?:error|ERR!) code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT)/,
  /^error An unexpected error occurred: "(https?:\S+): (?:getaddrinfo|connect|tunneling|socket)/,
  // cmd/go, internal/modfetch.
  /^go: .*: Get "(https?:[^"]+)": (?:dial tcp|net\/http: TLS|EOF|context deadline)/,
  // git, http.c; openssh, ssh.c.
  /^fatal: unable to access '([^']+)': (?:Could not resolve|Failed to connect|.*timed out|.*SSL|.*TLS)/,
  /^ssh: (?:Could not resolve hostname|connect to host) ([^\s:]+)/,
  // cargo, src/cargo/util/network.
  /^\s*\[\d+\] (?:Could not resolve host(?:name)?|Could not connect to server|Timeout was reached) \((?:Could not resolve host: |Failed to connect to )?(\S+?)[ )]/,
  // apk-tools, src/print.c.
  /^(?:ERROR|WARNING): (?:fetching|updating and opening) (\S+): (?:temporary error|DNS|network error|could not connect|connection|operation timed out)/,
];

const failed: Rule = programRule(({ output, step }) => {
  const found = lastMatch(output, ...failures) ?? behindAnotherError(output);
  if (found === undefined) return undefined;
  const [line, address = ""] = found;
  if (/^(?:\w+:\/\/)?(?:localhost|127\.|\[?::1)/.test(address)) return undefined;
  return fail("STEP_NETWORK_FAILED", { step, address, reason: line.trim() });
});

/** apt and pip only warn of a network that fails, and then fail for the package that they could not see. */
function behindAnotherError(output: readonly string[]): RegExpExecArray | undefined {
  if (lastMatch(output, /^E: (?:Unable to locate package|Package '.*' has no installation)/)) {
    return lastMatch(output, new RegExp(`^W: Failed to fetch (\\S+)\\s+.*(?:${unreachable})`));
  }
  if (lastMatch(output, /^ERROR: (?:No matching distribution found|Could not find a version)/)) {
    return lastMatch(
      output,
      /^WARNING: Retrying .* after connection broken by .*(?:host='([^']+)'|Name or service not known|Failed to establish a new connection|ProxyError|timed out)/,
    );
  }
  return undefined;
}

/** What a server answers that has no such file: often an address with another architecture's name in it. */
const download: Rule = programRule(({ output, step, platform }) => {
  const found = lastMatch(
    output,
    /^curl: \(22\) The requested URL returned error: (404|410)/,
    /^wget: server returned error: HTTP\/\S+ (404|410)/,
    /(?:^| )ERROR (404|410): /,
  );
  const status = found?.[1];
  return status === undefined
    ? undefined
    : fail("STEP_DOWNLOAD_MISSING", { step, status, platform });
});

export const networkRules: readonly Rule[] = [failed, download];
