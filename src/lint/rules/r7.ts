/** A download or package is named for one architecture, or by a word that its vendor does not have. */
import { formatPlatform } from "../../platform/platform.ts";
import { downloadsFor, type UnfitDownload } from "../download/for-image.ts";
import { lockedOut } from "../download/locked.ts";
import { foreignPackages } from "../download/package.ts";
import type { Finding, Rule } from "./rule.ts";

export const r7: Rule = {
  id: "R7",
  title: "A download is named for one architecture, or by a word that its vendor does not have",
  what: "Addresses that `curl`, `wget` and `ADD` fetch, package files (also in the requirements that `pip install -r` reads) and packages named `name:arch`: those with an architecture in them that is not that of the platform, and `$TARGETARCH` in the address of a vendor who has other words (`x86_64`, `aarch64`, `x64`). Lock files of the build context by which `npm ci`, `pnpm install`, `yarn`, `uv sync`, `poetry install` and a frozen `bundle install` leave out what the platform needs, and `supportedArchitectures` of pnpm and Yarn. Values are followed through ARG, ENV, `case`, `if`, `sed` and functions.",
  why: "The file is fetched and unpacked on every platform alike, and found out when it is run. By a word that the vendor does not have, nothing is found at all.",
  bad: 'FROM debian\nADD https://github.com/krallin/tini/releases/download/v0.19.0/tini-amd64 /tini\nRUN chmod +x /tini\nENTRYPOINT ["/tini", "--"]',
  good: 'FROM debian\nARG TARGETARCH\nADD https://github.com/krallin/tini/releases/download/v0.19.0/tini-${TARGETARCH} /tini\nRUN chmod +x /tini\nENTRYPOINT ["/tini", "--"]',
  failure: "exec /tini: exec format error",
  blind:
    "Addresses that come from elsewhere (a file, an API); lock files above 4 MiB, and those of other tools; install scripts that choose by themselves; what is fetched on `$BUILDPLATFORM` and not followed into the image; vendors that it does not know.",
  check: (view) => [
    ...downloadsFor(view)
      .filter(({ asked, vendor }) => asked === undefined || vendor !== undefined)
      .map(findingOf),
    ...foreignPackages(view),
    ...lockedOut(view),
  ],
};

function findingOf({ word, range, platform, vendor, download }: UnfitDownload): Finding {
  const on = formatPlatform(platform);
  if (vendor !== undefined) {
    const isWget = download.program?.name === "wget";
    return {
      severity: "error",
      range,
      message: `Built for ${on}, this asks ${vendor.name} for ${word}; its files are named ${vendor.word}.`,
      failure: isWget
        ? "ERROR 404: Not Found."
        : "curl: (22) The requested URL returned error: 404",
      hint: `Turn TARGETARCH into the vendor's word: case "$TARGETARCH" in ${platform.architecture}) ARCH=${vendor.word} ;; … esac`,
    };
  }
  return {
    severity: "error",
    range,
    message: `Built for ${on}, this still is the file for ${word}.`,
    failure: failureOf(download.text, word),
    hint: "Name it by $TARGETARCH (ARG TARGETARCH), or by the vendor's word for it.",
  };
}

/** What pip, dpkg or rpm say of a package for another machine; anything else is found out when it is run. */
function failureOf(text: string, word: string): string {
  const name = text.split("/").at(-1) ?? text;
  if (text.endsWith(".whl")) return `ERROR: ${name} is not a supported wheel on this platform.`;
  if (text.endsWith(".deb")) return `package architecture (${word}) does not match system`;
  if (text.endsWith(".rpm")) return `package ${name} is intended for a different architecture`;
  return "exec format error";
}
