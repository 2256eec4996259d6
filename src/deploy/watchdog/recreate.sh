# The strategy `recreate`: the old one stops, the new one starts on its ports. Needs release.sh.
#
# At every moment exactly one of the two comes back after a reboot: the one that is to serve then has a restart policy before the other
# loses it. An `always` brings even a container back that was stopped by hand; `unless-stopped` does not.

# recreate_gate: beside the old one, without ports. Two of them at one volume would spoil it, so there it is seen after the switch alone;
# and what served before has passed already.
recreate_gate() {
  test -z "$is_single_writer" || return 0
  test "$verb" = deploy || ! exists "$container" || return 0
  $docker rm --force "$container-candidate" >/dev/null 2>&1
  create candidate "$container-candidate" --restart no && start "$container-candidate" && pass_gate "$container-candidate" && is_gated=yes && return
  tell_logs "$container-candidate"
  return 1
}

# recreate_switch: whether the new one serves. $gap: milliseconds in which none did.
recreate_switch() {
  ensure_container || return
  old=
  test -z "$previous" || old="$app-$previous"
  if test -n "$old" && ! exists "$old"; then old=; fi
  test -z "$old" || policy "$old" always
  left=$(now) left_wall=$(wall)
  test -z "$old" || halt "$old" || return
  start "$container" || return
  await_first_answer "$container" || return
  gap=
  if test -n "$old"; then
    gap=$((ready - left - $(late)))
    test "$gap" -ge 0 || gap=0
  fi
  # What was gated before has been asked already.
  if test -z "$is_gated"; then
    is_machine "$container" || return
    tell_checks "after the switch"
  fi
  policy "$container" "$restart"
  test -z "$old" || policy "$old" no
  $docker rm --force "$container-candidate" >/dev/null 2>&1
  return 0
}

# late: milliseconds from $left until the old one was told to stop, as docker noted it; 0 where it cannot be known.
late() {
  told=$($docker events --since "$((${left_wall:-0} / 1000))" --until "$(date +%s.%N)" --filter "container=$old" --filter event=kill --format '{{.TimeNano}}' 2>/dev/null | tail -n 1)
  case $told in
    *[!0-9]* | '') echo 0 ;;
    *)
      between=$((told / 1000000 - ${left_wall:-0}))
      test "$between" -ge 0 && test "$between" -lt 60000 && echo "$between" || echo 0
      ;;
  esac
}

# recreate_undo: the old one serves again, as it was.
recreate_undo() {
  if test -z "$previous"; then
    try update --restart no "$container"
    halt -t 1 "$container"
    return 0
  fi
  with_release "$previous" ensure_container || return
  policy "$app-$previous" always || return
  policy "$container" no
  halt -t 1 "$container"
  with_release "$previous" serve_again
}

serve_again() {
  start "$container" && await_first_answer "$container" && policy "$container" "$restart"
}

# recreate_serves_well: nobody counts its answers.
recreate_serves_well() {
  :
}

# Of the old one nothing goes on.
recreate_is_drained() {
  :
}

recreate_resume() {
  :
}

# recreate_retire: the old one is stopped already.
recreate_retire() {
  :
}
