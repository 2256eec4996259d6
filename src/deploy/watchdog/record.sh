# What stays of a deploy: its verdict, a line of the audit log, and as many releases as are to be kept. Needs state.sh, release.sh.

# state KEY: what was saved under it.
state() {
  sed -n "s/^$1=//p" "$place/state" 2>/dev/null | head -n 1
}

# conclude VERDICT: deployed, failed (before the switch), rolled-back or rollback-failed; and nothing is left to do.
conclude() {
  test -n "$settled" || record "$1"
  sweep
  # Of another's release, which was left without one, this is not the end.
  test -n "$is_orphan" || free_lock
  test -n "$settled" || tell_verdict "$1"
}

# settle VERDICT: it is told, and work goes on.
settle() {
  record "$1"
  tell_verdict "$1"
  settled=yes
}

record() {
  test "$1" != deployed || remember "$release"
  audit "$1"
  save_state phase=done "verdict=$1" "reason=$reason" "gap_ms=$gap" "back_ms=$back_ms" "serving=$serving"
}

tell_verdict() {
  if test -n "$is_orphan"; then tell orphan "$release" "$1" "$reason"; else tell verdict "$1" "$reason"; fi
}

# remember RELEASE: it comes last in the list of releases, which says in which order they served.
remember() {
  { others "$1"
    echo "$1"; } > "$place/history.$$" && mv -f "$place/history.$$" "$place/history"
}

# others RELEASE: all that served but that one.
others() {
  test ! -f "$place/history" || grep -vxF -- "$1" "$place/history"
}

# json TEXT: as a string of JSON (RFC 8259), its control characters as blanks.
json() {
  printf '"%s"' "$(printf '%s' "$1" | tr '\001-\037' ' ' | sed 's/[\\"]/\\&/g')"
}

# audit VERDICT: $author is a string of JSON already, our client wrote it.
audit() {
  printf '{"at":"%s","app":"%s","action":"%s","release":"%s","previous":%s,"digest":"%s","who":%s,"verdict":"%s","reason":%s,"gapMs":%s}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$app" "$verb" "$release" "$(json "$previous")" "$digest" "$author" "$1" "$(json "$reason")" \
    "${gap:-null}" >> "$place/audit"
}

# sweep: what this deploy made for itself, the containers of releases that did not pass, and releases beyond those to keep.
sweep() {
  $docker rm --force "$prober" "$container-candidate" "$container-hook" >/dev/null 2>&1
  for one in "$place"/releases/*/; do
    one=${one%/}
    test ! -d "$one" || is_kept "${one##*/}" || forget "${one##*/}"
  done
  ls -1t "$place/operations" | grep -vxF -- "$operation" | tail -n +8 | while IFS= read -r one; do rm -rf "$place/operations/$one"; done
}

is_kept() {
  test "$1" != "$serving" || return 0
  tail -n "$keep" "$place/history" 2>/dev/null | grep -qxF -- "$1"
}

forget() {
  $docker rm --force "$app-$1" >/dev/null 2>&1
  $docker image rm "transship/release/$app:$1" >/dev/null 2>&1
  rm -rf "$place/releases/$1"
  others "$1" > "$place/history.$$"
  # 1 is an empty one, 2 a full disk (grep(1)).
  test "$?" -gt 1 || mv -f "$place/history.$$" "$place/history"
}
