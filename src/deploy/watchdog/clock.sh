# Time, and deadlines: whatever is waited for has one.

# now: milliseconds since the machine started, which no clock that is set changes (proc_uptime(5), hundredths of a second).
now() {
  read -r up idle < /proc/uptime
  echo "${up%.*}${up#*.}0"
}

# wall: milliseconds since 1970, as docker's own times are; nothing where date(1) knows whole seconds alone.
wall() {
  nanoseconds=$(date +%s%N)
  case $nanoseconds in
    *[!0-9]* | ??????????) ;;
    *) echo $((nanoseconds / 1000000)) ;;
  esac
}

# pause: a short one; where sleep(1) knows whole seconds alone, one of those.
pause() {
  sleep 0.1 2>/dev/null || sleep 1
}

# within SECONDS COMMAND…: its exit code; where it is not done by then it is told to end (SIGTERM), and where it does not it is ended: docker
# hands the signal on to a container it is attached to, which need not heed it.
within() {
  limit=$1
  shift
  # What runs beside a script would have no standard input of its own (POSIX.1-2017, 2.9.3).
  { "$@" <&3 3<&- & } 3<&0
  task=$!
  (
    # By the second: whoever ends it leaves a short nap behind and not a long one.
    naps=0
    while test "$naps" -lt "$limit"; do
      sleep 1
      naps=$((naps + 1))
    done
    kill "$task"
    sleep 5
    kill -KILL "$task"
  ) </dev/null >/dev/null 2>&1 &
  timer=$!
  wait "$task"
  set -- "$?"
  kill -KILL "$timer" 2>/dev/null
  wait "$timer" 2>/dev/null
  return "$1"
}
