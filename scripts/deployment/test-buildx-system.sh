#!/usr/bin/env bash
# Tests the whole system on this machine: `transship doctor`.
set -euo pipefail
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/cli.sh"

usage() {
  cat <<END
${bold}Usage:${reset} ${0##*/} [flags]

Builds, verifies and tests a tiny image for each platform, says pass or fail for each component, and cleans up.

${bold}Flags:${reset}
      --clean     remove what an earlier run left that was killed
  -v, --verbose   say more
  -h, --help      show this

${bold}Examples:${reset}
  ${0##*/}
  ${0##*/} --clean
END
}

arguments=(doctor)
while [[ $# -gt 0 ]]; do
  case $1 in
    --clean) arguments+=(--clean); shift ;;
    -v | --verbose) arguments+=(--verbose); shift ;;
    -h | --help) usage; exit ;;
    *) misuse "There is no flag $1." ;;
  esac
done
transship "${arguments[@]}"
