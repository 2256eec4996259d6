# One deploy of an app at a time. The lock is a file that says who has it; link(2) makes it whole, and once.
# Needs process.sh. $place: the app's directory.

# EX_TEMPFAIL of sysexits.h.
taken=75

# take_lock WHO: for this process, WHO being a line for people. Where another has it, its line comes on standard output, and the exit
# code is $taken. The lock of one that is gone is broken, and "broken WHO" comes on standard output.
take_lock() {
  own="$place/lock.$$" tries=0
  printf '%s %s %s %s\n' "$$" "$(started $$)" "$(boot)" "$1" > "$own" || return
  until ln "$own" "$place/lock" 2>/dev/null; do
    tries=$((tries + 1))
    test "$tries" -le 100 || break
    # It may be freed between the two.
    line=$(cat "$place/lock" 2>/dev/null) || continue
    if holder_lives "$line"; then
      rm -f "$own"
      printf '%s\n' "$who"
      return "$taken"
    fi
    break_lock "$line" && printf 'broken %s\n' "$who"
  done
  rm -f "$own"
  owns_lock
}

# holder_lives LINE: sets $pid, $during and $who. After a power cut a lock may be empty, which nobody has.
holder_lives() {
  read -r pid since during who <<END
$1
END
  lives "$pid" "$since" "$during"
}

owns_lock() {
  line=$(cat "$place/lock" 2>/dev/null) && holder_lives "$line" && test "$pid" = "$$"
}

# break_lock LINE: where the lock still says that. Only one at a time may break it: a second one would break the lock of the first.
break_lock() {
  if ln "$own" "$place/lock.broken" 2>/dev/null; then
    test "$(cat "$place/lock" 2>/dev/null)" = "$1" && rm -f "$place/lock"
    set -- "$?"
    rm -f "$place/lock.broken"
    return "$1"
  fi
  line=$(cat "$place/lock.broken" 2>/dev/null) || return
  holder_lives "$line" || rm -f "$place/lock.broken"
  sleep 1
  return 1
}

# free_lock: if it is this process's.
free_lock() {
  ! owns_lock || rm -f "$place/lock"
}
