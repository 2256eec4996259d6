#!/usr/bin/env bash
# Builds an image for linux/amd64 on any machine, and checks its label: `transship build`.
set -euo pipefail
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/cli.sh"

usage() {
  cat <<END
${bold}Usage:${reset} ${0##*/} [flags] [-- BUILDX_ARGUMENT...]

Runs docker buildx build --platform linux/amd64, checks what came out, and gives it to the engine. Paths are
those of the directory that you are in. Exit code 1 when the image is not labelled linux/amd64.

${bold}Flags:${reset}
  -i, --image NAME        the image's name (default rustci)
  -t, --tag TAG           its tag (default local-amd64)
  -f, --dockerfile FILE   the Dockerfile (default CONTEXT/Dockerfile)
  -c, --context DIR       the build context (default .)
      --no-cache          build every step anew
      --push              push it as well
      --registry URL      what is put before the name at the push: host[:port][/team]
  -v, --verbose           say more
  -h, --help              show this

${bold}Examples:${reset}
  ${0##*/}
  ${0##*/} -i app -t 1.0 -f deploy/Dockerfile -c .
  ${0##*/} -i app -t 1.0 --push --registry registry.example.org/team
  ${0##*/} -i app -- --build-arg VERSION=1.0
END
}

# The shell version knows no compose.yaml: the image is always named.
image=rustci
arguments=()
while [[ $# -gt 0 ]]; do
  case $1 in
    -i | --image) wants_value "$@"; image=$2; shift 2 ;;
    -t | --tag) wants_value "$@"; arguments+=("--tag=$2"); shift 2 ;;
    -f | --dockerfile) wants_value "$@"; arguments+=("--dockerfile=$2"); shift 2 ;;
    -c | --context) wants_value "$@"; arguments+=("--context=$2"); shift 2 ;;
    --registry) wants_value "$@"; arguments+=("--registry=$2"); shift 2 ;;
    --no-cache | --push) arguments+=("$1"); shift ;;
    -v | --verbose) arguments+=(--verbose); shift ;;
    -h | --help) usage; exit ;;
    --) break ;;
    *) misuse "There is no flag $1." ;;
  esac
done
transship build --platform linux/amd64 "--image=$image" "${arguments[@]}" "$@"
