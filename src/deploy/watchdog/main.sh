# A release's way on its server, whatever becomes of whoever started it. Called with the app's directory and the operation's name;
# operations/OPERATION/settings, which our client wrote, says what is to be done.

main() {
  trap '' HUP PIPE INT QUIT
  umask 077
  place=$1 operation=$2
  operation_place="$place/operations/$operation"
  events="$operation_place/events"
  printf '%s %s %s\n' "$$" "$(started $$)" "$(boot)" > "$operation_place/process"
  # A second one that follows finds all of it.
  : >> "$events"
  reason= gap= back_ms= bad_at= switched_at= settled_at=0 settled= restarts_before= old= serving= previous= release= is_orphan= is_gated= prober_task=
  . "$operation_place/settings"
  # A hook takes its own time.
  unhurried=$docker
  docker="within 60 $docker"
  test -z "$is_forced" || end_holder
  wait_for_lock
  finish_orphan
  serving=$(state serving)
  case $verb in
    recover)
      free_lock
      test -z "$target" || test "$(state release)" = "$target" || {
        tell verdict failed "its watchdog was ended before it began"
        return
      }
      tell verdict "$(state verdict)" "$(state reason)"
      ;;
    *) carry_out ;;
  esac
}

# wait_for_lock: one that has its verdict only drains what served before, or sweeps; any other is respected.
wait_for_lock() {
  waits= wait_until=$(($(now) + 90000000))
  until words=$(take_lock "$holder"); do
    test "$(state phase)" = done && test -n "$words" && test "$(now)" -lt "$wait_until" || {
      tell locked "$words"
      exit 75
    }
    test -n "$waits" || tell waiting "until the operation before has drained"
    waits=yes
    pause
  done
  test -z "$words" || tell lock "$words"
}

# end_holder: whoever has the lock ends, at the wish of whoever forces it, with all that it has begun where it leads a group of its own.
end_holder() {
  line=$(cat "$place/lock" 2>/dev/null) && holder_lives "$line" || return 0
  kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid"
  naps=0
  while holder_lives "$line" && test "$naps" -lt 50; do
    pause
    naps=$((naps + 1))
  done
  tell lock "ended $who"
}

# carry_out: from the first look at the candidate to the verdict.
carry_out() {
  previous=$serving
  if test "$verb" = deploy; then
    test ! -e "$place/releases/$target" || {
      free_lock
      tell verdict failed "there is a release $target already"
      return
    }
    # `shop` with `web-1` and `shop-web` with `1` would be called alike.
    owner=$($docker container inspect --format 'of {{index .Config.Labels "dev.transship.app"}}' "$app-$target" 2>/dev/null)
    test -z "$owner" || test "$owner" = "of $app" || {
      free_lock
      tell verdict failed "the container $app-$target is another's: name the release otherwise"
      return
    }
    # What the client brought has its place now that nobody else is at work here.
    mv "$operation_place/release" "$place/releases/$target"
  fi
  load_release "$target" || {
    release=$target container="$app-$target" prober="$app-$target-prober"
    conclude failed
    return
  }
  test "$release" != "$serving" || {
    free_lock
    tell verdict failed "the release $release serves already"
    return
  }
  prober="$container-prober"
  save_state "operation=$operation" "verb=$verb" "release=$release" "previous=$previous" "strategy=$strategy" \
    "pid=$$" "started=$(started $$)" "boot=$(boot)" phase=preparing verdict= reason= gap_ms= back_ms= "serving=$serving"
  tell phase preparing
  prepare && gate_candidate && before_switch || {
    fail_early
    return
  }
  save_state phase=switching || {
    reason="its state cannot be written: is the disk full?"
    fail_early
    return
  }
  tell phase switching "$previous"
  "${strategy}_switch" || {
    put_back
    return
  }
  serving=$release
  save_state phase=baking "serving=$serving" "gap_ms=$gap"
  tell switched "$gap"
  watch_release "$bake_seconds"
}

# prepare: what the release stands on here.
prepare() {
  ensure_network && ensure_parts || return
  # It is there when it is wanted.
  start_prober &
  prober_task=$!
  test "$verb" != deploy || try tag "$image" "transship/release/$app:$release"
}

# watch_release SECONDS: the bake, and what comes of it.
watch_release() {
  tell phase baking "$1"
  if bake "$1"; then
    tell check bake pass "it stayed well for $1 s"
    # Whoever waits for the verdict need not wait for tunnels that last for hours.
    "${strategy}_is_drained" || settle deployed
    "${strategy}_retire"
    conclude deployed
  else
    tell check bake fail "$reason"
    put_back
  fi
}

# gate_candidate: what fails there never gets a request.
gate_candidate() {
  save_state phase=gating
  tell phase gating
  "${strategy}_gate"
}

# before_switch: the release's hook, once, in a container of the new image.
before_switch() {
  test "$verb" = deploy && test -n "$has_hook" || return 0
  save_state phase=hook
  tell phase hook
  run_hook "$container-hook" > "$operation_place/hook" 2>&1 && return
  reason="the hook before-switch failed (exit code $?)"
  at=$(now)
  tail -n 20 "$operation_place/hook" | cut -c 1-400 | sed "s/^/$at log /" >> "$events"
  return 1
}

# fail_early: the old one never stopped to serve.
fail_early() {
  if test "$verb" = deploy; then $docker rm --force "$container" >/dev/null 2>&1; else halt "$container"; fi
  conclude failed
}

# put_back: the old one serves again. A container that came to nothing goes, once its words are told.
put_back() {
  why=$reason
  save_state phase=undoing "reason=$why"
  tell phase undoing "$why"
  if "${strategy}_undo"; then
    verdict=rolled-back serving=$previous
  else
    verdict=rollback-failed serving= why="$why; and $previous could not be put back: $reason"
  fi
  test -z "$bad_at" || back_ms=$(($(now) - bad_at))
  reason=$why
  tell_logs "$container"
  conclude "$verdict"
}

# finish_orphan: what a watchdog that was killed, or a reboot, has left without a verdict.
finish_orphan() {
  phase=$(state phase)
  case $phase in '' | done) return 0 ;; esac
  (
    is_orphan=yes verb=$(state verb) previous=$(state previous) serving=$(state serving)
    gap=$(state gap_ms)
    tell orphan "$(state release)" "$phase"
    load_release "$(state release)" || {
      release=$(state release)
      container="$app-$release"
    }
    prober="$container-prober"
    reason="its watchdog was ended while it was $phase"
    case $phase in
      preparing | gating | hook) fail_early ;;
      switching | undoing) prepare; put_back ;;
      *) prepare; "${strategy}_resume"; watch_release "$recovery_seconds" ;;
    esac
  )
}

main "$@"
