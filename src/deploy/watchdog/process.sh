# Who a process is: its number alone may be another's by now, after a reboot for certain.

# boot: which start of the machine this is.
boot() {
  cat /proc/sys/kernel/random/boot_id
}

# started PID: when it was, in clock ticks (proc_pid_stat(5), field 22); nothing where there is none, or it has ended and nobody has asked
# what it came to (field 3). Its name, field 2, stands in parentheses and may hold spaces and parentheses itself.
started() {
  read -r stat 2>/dev/null < "/proc/$1/stat" || return
  set -- ${stat##*) }
  test "$1" != Z || return
  shift 19
  printf '%s\n' "$1"
}

# lives PID STARTED BOOT: whether that very process still is.
lives() {
  test "$3" = "$(boot)" && test "$2" = "$(started "$1")"
}
