# What happens, a line each, for whoever follows: now or later, once or often. $events: the file.
# Needs clock.sh.

# tell KIND TEXT…: of what is long the first part, so that whoever follows never sees half a line.
tell() {
  line=$(printf '%s' "$*" | tr '\n\r' '  ' | cut -c 1-2000)
  printf '%s %s\n' "$(now)" "$line" >> "$events"
}

# tell_logs CONTAINER: its last words.
tell_logs() {
  at=$(now)
  $docker logs --tail 20 "$1" 2>&1 | cut -c 1-400 | sed "s/^/$at log /" >> "$events"
}
