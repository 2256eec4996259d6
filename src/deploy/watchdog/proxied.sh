# The strategy `proxy`: the new release stands beside the old one, and the proxy gives it the requests. Needs release.sh, network.sh, proxy.sh.
# An app has two places there, blue and green, each with an address of its own: of two releases that run each has one.

other_color() {
  case $1 in blue) echo green ;; *) echo blue ;; esac
}

# proxy_gate: whether the release's container, at the place that does not serve, passes the gate.
proxy_gate() {
  serving_color=$(serving "$app") || {
    reason="the proxy does not answer"
    return 1
  }
  color=$(other_color "$serving_color")
  ensure_place && start "$container" && pass_gate "$container" && is_gated=yes && return
  tell_logs "$container"
  return 1
}

# ensure_place: the release's container, with the address of $color. One from before may have the other, which another has now.
ensure_place() {
  place_address=$(fixed_address "$network" "$color")
  test -n "$place_address" || {
    reason="the network $network has no subnet of IPv4"
    return 1
  }
  has=$($docker inspect --format "{{with index .NetworkSettings.Networks \"$network\"}}{{with .IPAMConfig}}{{.IPv4Address}}{{end}}{{end}}" "$container" 2>/dev/null)
  clear_place
  test "$has" != "$place_address" || return 0
  $docker rm --force "$container" >/dev/null 2>&1
  create release "$container" --restart no --ip "$place_address"
}

# clear_place: whatever else of the app still runs and does not serve: it has drained, or was left.
clear_place() {
  for one in $($docker ps --filter "label=dev.transship.app=$app" --filter label=dev.transship.role=release --format '{{.Names}}'); do
    case $one in "$container" | "$app-$serving") continue ;; esac
    policy "$one" no
    halt "$one"
  done
}

# proxy_switch: a switch is a line to the proxy, and no request fails. Both come back after a reboot, and the proxy knows which serves.
proxy_switch() {
  policy "$container" "$restart" || return
  words=$(switch_proxy "$app" "$color" "$place_address" "$port" 2>&1) || {
    reason="the proxy does not switch: $words"
    return 1
  }
  switched_at=$(now)
  baseline=$(errors "$app" "$color")
}

# proxy_serves_well: whether what the proxy had from it since the switch was answered: not one in ten failed, and not five.
proxy_serves_well() {
  counts=$(errors "$app" "$color" 2>/dev/null) || return 0
  test -n "$baseline" || baseline=$counts
  bad_answers=$((${counts% *} - ${baseline% *})) requests=$((${counts#* } - ${baseline#* }))
  # Less than before: another worker counts from its own beginning.
  test "$requests" -ge 0 && test "$bad_answers" -ge 0 || {
    baseline=$counts
    return 0
  }
  test "$bad_answers" -ge 5 && test $((bad_answers * 10)) -gt "$requests" || return 0
  reason="$bad_answers of $requests requests failed at the proxy since the switch"
  return 1
}

# proxy_is_drained: whether the old one has nothing more to do, or has had its time.
proxy_is_drained() {
  test -n "$previous" || return 0
  test "$(now)" -lt $((${switched_at:=$(now)} + drain_seconds * 1000)) || return 0
  test "$(drained "$app" "$(other_color "$color")" 2>/dev/null || echo 0)" = 0
}

# proxy_resume: what one that was broken off had seen by now.
proxy_resume() {
  color=$(serving "$app")
  baseline=$(errors "$app" "$color")
}

# proxy_undo: the old one, which runs still, gets the requests again.
proxy_undo() {
  color=$(serving "$app")
  if test -n "$previous"; then with_release "$previous" serve_proxied || return; fi
  try update --restart no "$container"
  halt -t 1 "$container"
}

# serve_proxied: this release, at whichever place it has; if it is gone, at the other one than the one that is undone.
serve_proxied() {
  look "$container"
  if test "$condition" != running; then
    color=$(other_color "$color")
    ensure_place && start "$container" && await_first_answer "$container" || return
  fi
  policy "$container" "$restart"
  for color in blue green; do
    test "$(fixed_address "$network" "$color")" != "$address" || break
  done
  words=$(switch_proxy "$app" "$color" "$address" "$port" 2>&1) && return
  reason="the proxy does not switch back: $words"
  return 1
}

# proxy_retire: the old one stops when its requests and tunnels have ended, at the latest when its time to drain has passed.
proxy_retire() {
  test -n "$previous" || return 0
  until proxy_is_drained; do pause; done
  policy "$app-$previous" no
  halt "$app-$previous"
}
