# How far a deploy is, for whoever reads it meanwhile or afterwards: one KEY=VALUE a line, written whole or not at all.
# $place: the app's directory.

# save_state KEY=VALUE…: those keys get new values, which are one line each; the others keep theirs.
save_state() {
  next="$place/state.$$"
  merged_state "$@" | dd "of=$next" conv=fsync 2>/dev/null && mv -f "$next" "$place/state"
}

merged_state() {
  printf 'at=%s\n' "$(date +%s)"
  for entry; do
    printf '%s' "$entry" | tr '\n\r' '  '
    echo
  done
  test -f "$place/state" || return 0
  while IFS= read -r line; do
    test "${line%%=*}" != at || continue
    for entry; do
      test "${line%%=*}" != "${entry%%=*}" || continue 2
    done
    printf '%s\n' "$line"
  done < "$place/state"
}
