#!/usr/bin/env bash
# Checks that an image is of the architecture that it should be: `transship verify`.
set -euo pipefail
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/cli.sh"

usage() {
  cat <<END
${bold}Usage:${reset} ${0##*/} [flags]

Reads the image's label, its documents and the program that it starts, and compares them with the platform that is
expected. Exit code 0 when nothing speaks against it, 1 when validation fails (also with --json).

${bold}Flags:${reset}
  -i, --image IMAGE    the image (default rustci:local-amd64)
  -a, --arch ARCH      the architecture that is expected (default amd64)
  -o, --os OS          the system that is expected (default linux)
      --detailed       add what was found, and what was not checked
      --json           a JSON document on standard output
  -v, --verbose        say more
  -h, --help           show this

${bold}Examples:${reset}
  ${0##*/} -i rustci:local-amd64
  ${0##*/} -i app:1.0 -a arm64 --detailed
  ${0##*/} -i app:1.0 --json | jq -e '.architecture_match'
END
}

image=rustci:local-amd64 architecture=amd64 os=linux
arguments=() shown=()
while [[ $# -gt 0 ]]; do
  case $1 in
    -i | --image) wants_value "$@"; image=$2; shift 2 ;;
    -a | --arch) wants_value "$@"; architecture=$2; shift 2 ;;
    -o | --os) wants_value "$@"; os=$2; shift 2 ;;
    --detailed | --json) shown+=("$1"); shift ;;
    -v | --verbose) arguments+=(--verbose); shift ;;
    -h | --help) usage; exit ;;
    *) misuse "There is no flag $1." ;;
  esac
done

# Of an image for several platforms the expected one is looked at; another system than Linux can only be compared.
if [[ $os == linux ]]; then
  arguments+=(--platform "linux/$architecture")
else
  arguments+=(--arch "$architecture" --os "$os")
fi
find_program
status=0
document=$("${program[@]}" verify "--image=$image" "${arguments[@]}" --json) || status=$?
printf '%s' "$document" | "${program[0]}" "$root/scripts/deployment/validation.js" \
  "--image=$image" "--arch=$architecture" "--os=$os" "--status=$status" ${shown[@]+"${shown[@]}"}
