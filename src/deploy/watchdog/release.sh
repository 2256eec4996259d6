# A release on this server: what its directory says of it, and its container. Needs gate.sh.
# $place/releases/RELEASE/settings, which our client wrote, sets how it is made and judged, and has the functions `create_candidate`
# and `create_release` (CONTAINER WORDS…: with those further words of docker create; a candidate has no ports and no names on networks),
# `ensure_parts` (networks and volumes), `healthcheck` (CONTAINER) and `run_hook` (CONTAINER: makes it, runs the hook in it to its end).

# load_release RELEASE: its settings take the place of those of another.
load_release() {
  release=$1
  release_place="$place/releases/$release"
  test -f "$release_place/settings" || {
    reason="nothing is kept of the release $release"
    return 1
  }
  . "$release_place/settings"
  container="$app-$release"
}

# with_release RELEASE COMMAND…: under its settings, and back. $reason comes out.
with_release() {
  other=$release
  load_release "$1" || {
    words=$reason
    test -z "$other" || load_release "$other"
    reason=$words
    return 1
  }
  shift
  "$@"
  set -- "$?"
  test -z "$other" || load_release "$other"
  return "$1"
}

exists() {
  $docker container inspect --format . "$1" >/dev/null 2>&1
}

# attempt COMMAND…: where it fails $reason is its last word.
attempt() {
  words=$("$@" 2>&1 >/dev/null) && return
  reason=$(printf '%s\n' "$words" | tail -n 1)
  return 1
}

# try WORDS…: docker with them.
try() {
  attempt $docker "$@"
}

# ensure_network: the app's own.
ensure_network() {
  words=$(make_network "$network" 2>&1) && return
  reason=$words
  return 1
}

# create candidate|release CONTAINER WORDS…: where it fails $reason says why.
create() {
  attempt "create_$@" && return
  reason="it cannot be made: $reason"
  return 1
}

# ensure_container: the release's own, with its ports; it may be there from before. It does not come back by itself yet.
ensure_container() {
  exists "$container" || create release "$container" --restart no
}

# start CONTAINER
start() {
  try start "$1" && return
  reason="it cannot be started: $reason"
  return 1
}

# halt CONTAINER WORDS…: it has the time that it was given to stop, at most a quarter of an hour.
halt() {
  attempt within 900 $unhurried stop "$@" && return
  reason="it cannot be stopped: $reason"
  return 1
}

# policy CONTAINER POLICY: what the engine does when it starts anew, or when the container has ended.
policy() {
  try update --restart "$2" "$1"
}
