# The watch after the switch. Needs gate.sh.

# bake SECONDS: whether the release stays well so long. Where it does not, $reason says why and $bad_at when that was first seen.
bake() {
  give_up=$(($(now) + $1 * 1000)) bad=0 is_doubtful=
  # Whatever was not well at its end is asked on.
  while test "$(now)" -lt "$give_up" || test -n "$is_doubtful"; do
    began=$(now)
    if is_well "$container" && "${strategy}_serves_well"; then
      bad=0 is_doubtful=
      test "$restarts" -gt "${restarts_before:=$restarts}" || {
        sleep 1
        continue
      }
      is_over=yes reason="its main process ended and was started again"
    elif is_doubtful=yes; test "$(now)" -lt "$settled_at"; then
      pause
      continue
    fi
    test "$bad" -gt 0 || bad_at=$(now)
    bad=$((bad + 1))
    # A question that took so long was asked well enough.
    test -z "$is_over" && test "$bad" -lt 2 && test "$(($(now) - began))" -lt 2000 || return 1
  done
}
