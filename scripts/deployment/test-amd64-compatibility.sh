#!/usr/bin/env bash
# Runs a linux/amd64 image and tests it in seven categories: `transship test`.
set -euo pipefail
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/cli.sh"

usage() {
  cat <<END
${bold}Usage:${reset} ${0##*/} [flags]

Starts the image, natively or emulated, and looks at its architecture, start-up, runtime architecture, processes,
network, health and resources. The container is removed afterwards, whatever happens.

${bold}Flags:${reset}
  -i, --image IMAGE       the image (default rustci:local-amd64)
  -n, --name NAME         the container's name
  -p, --port PORT         the port on this machine; 0 takes a free one
  -t, --timeout SECONDS   the longest time until the health path has answered
  -w, --wait SECONDS      the longest wait for the container to be ready
      --no-cleanup        keep the container
      --quick             leave network, health and resources out
  -v, --verbose           say more
  -h, --help              show this

${bold}Examples:${reset}
  ${0##*/} -i rustci:local-amd64 -p 8080
  ${0##*/} -i app:1.0 --quick
  ${0##*/} -i app:1.0 -n app-test --no-cleanup --verbose
END
}

image=rustci:local-amd64
arguments=(--platform linux/amd64)
while [[ $# -gt 0 ]]; do
  case $1 in
    -i | --image) wants_value "$@"; image=$2; shift 2 ;;
    -n | --name) wants_value "$@"; arguments+=("--name=$2"); shift 2 ;;
    -p | --port) wants_value "$@"; arguments+=("--port=$2"); shift 2 ;;
    -t | --timeout) wants_value "$@"; arguments+=("--timeout=$2"); shift 2 ;;
    -w | --wait) wants_value "$@"; arguments+=("--wait=$2"); shift 2 ;;
    --no-cleanup | --quick) arguments+=("$1"); shift ;;
    -v | --verbose) arguments+=(--verbose); shift ;;
    -h | --help) usage; exit ;;
    *) misuse "There is no flag $1." ;;
  esac
done
transship test "--image=$image" "${arguments[@]}"
