#!/usr/bin/env bash
# Makes, checks and mends the builder for other architectures: `transship setup`.
set -euo pipefail
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/cli.sh"

usage() {
  cat <<END
${bold}Usage:${reset} ${0##*/} [flags]

Makes the buildx builder multiarch-builder for linux/amd64 and linux/arm64, or mends the one that is there, and
checks engine, buildx and emulators. A healthy builder is left as it is.

${bold}Flags:${reset}
      --builder NAME   the builder's name (default multiarch-builder)
      --use            make it the default of docker buildx
      --recreate       make it anew; its cache is kept
      --remove         remove it, and its cache
  -v, --verbose        say more
  -h, --help           show this

${bold}Examples:${reset}
  ${0##*/}
  ${0##*/} --use
  ${0##*/} --recreate
END
}

arguments=(setup)
while [[ $# -gt 0 ]]; do
  case $1 in
    --builder) wants_value "$@"; arguments+=("--builder=$2"); shift 2 ;;
    --use | --recreate | --remove) arguments+=("$1"); shift ;;
    -v | --verbose) arguments+=(--verbose); shift ;;
    -h | --help) usage; exit ;;
    *) misuse "There is no flag $1." ;;
  esac
done
transship "${arguments[@]}"
