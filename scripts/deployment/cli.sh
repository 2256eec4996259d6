# shellcheck shell=bash
# What the drop-in scripts share; sourced, never run: colours, refusals, and the command line in a Node that is new enough.
# Written for bash 3.2, which a Mac has.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

# is_coloured STREAM: whether that stream takes colour (https://no-color.org).
is_coloured() {
  [[ ${FORCE_COLOR:-0} != 0 || (-t $1 && -z ${NO_COLOR:-}) ]]
}

bold='' red='' reset='' red_reset=''
# shellcheck disable=SC2034 # for the scripts' usage
if is_coloured 1; then bold=$'\e[1m' reset=$'\e[0m'; fi
if is_coloured 2; then red=$'\e[31m' red_reset=$'\e[0m'; fi

# refuse EXIT_CODE PROBLEM NEXT: one sentence, and what to type next.
refuse() {
  printf '%serror:%s %s\n  → %s\n' "$red" "$red_reset" "$2" "$3" >&2
  exit "$1"
}

# misuse PROBLEM: for a command line that cannot be understood.
misuse() {
  refuse 2 "$1" "Read the flags and examples: $0 --help"
}

# wants_value FLAG [VALUE] …: refuses a flag whose value is missing.
wants_value() {
  [[ $# -ge 2 ]] || misuse "The flag $1 wants a value."
}

is_new_enough() {
  "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1)' 2>/dev/null
}

# Sets `program`: Node and the command line's main file. A checkout brings its own Node; an installed package has
# its files compiled and its dependencies beside it, and takes the machine's Node.
find_program() {
  local own="$root/node_modules/.bin/node"
  if [[ ! -f $root/src/main.ts ]]; then
    is_new_enough node || refuse 4 "Node.js 22.18 or newer is needed, and is not on PATH." "Install it: https://nodejs.org/en/download"
    program=(node "$root/dist/main.js")
    return
  fi
  if [[ ! -x $own ]]; then
    command -v npm >/dev/null || refuse 4 "Node.js and npm are needed once, to install the dependencies." "Install them: https://nodejs.org/en/download"
    # What `npm run quickstart` does first; nothing of it goes to standard output.
    node -e 'import(require("node:url").pathToFileURL(process.argv[1])).then(({ installDependencies }) => installDependencies())' \
      "$root/scripts/checkout.js" >&2 || exit $?
  fi
  program=("$own" "$root/src/main.ts")
}

# transship ARGUMENT…: goes on as the command line, in the caller's directory, and ends as it ends.
transship() {
  find_program
  exec "${program[@]}" "$@"
}
