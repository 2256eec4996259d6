# The strategy `recreate`: the old one stops, the new one starts on its ports. Needs release.sh.
#
# At every moment exactly one of the two comes back after a reboot: the one that is to serve then has a restart policy before the other
# loses it. An `always` brings even a container back that was stopped by hand; `unless-stopped` does not.

# switch_recreate: whether the new one serves. $gap: milliseconds in which none did.
switch_recreate() {
  ensure_container || return
  old=
  test -z "$previous" || old="$app-$previous"
  if test -n "$old" && ! exists "$old"; then old=; fi
  test -z "$old" || policy "$old" always
  left=$(now)
  test -z "$old" || try stop "$old" || return
  start "$container" || return
  await_first_answer "$container" || return
  gap=$(($(now) - left))
  test -n "$old" || gap=
  # What was gated before has been asked already.
  if test -z "$is_gated"; then
    is_machine "$container" || return
    tell_checks "after the switch"
  fi
  policy "$container" "$restart"
  test -z "$old" || policy "$old" no
}

# undo_recreate: the old one serves again, as it was.
undo_recreate() {
  if test -z "$previous"; then
    try update --restart no "$container"
    try stop -t 1 "$container"
    return 0
  fi
  with_release "$previous" ensure_container || return
  policy "$app-$previous" always || return
  policy "$container" no
  try stop -t 1 "$container"
  with_release "$previous" serve_again
}

serve_again() {
  start "$container" && await_first_answer "$container" && policy "$container" "$restart"
}
