# What is asked of a candidate before it gets traffic, and of a release while it is watched.
# Needs clock.sh, events.sh. $docker: how docker is called here. $prober: a container of the helper image $helper on the app's network,
# which waits; $asker: how its probe is called. $network: that network. The release's settings say what is asked.

# octets NUMBER…: as bytes.
octets() {
  for octet; do
    printf "\\$(printf %03o "$octet")"
  done
}

# look CONTAINER: sets $condition ("running", else docker's word), $restarts, $code (of its main process), $killed ("true" where memory ran
# out) and $address, its IPv4 address on $network.
look() {
  restarts=0 code=0 killed=false address=
  condition=$($docker inspect --format "{{if and .State.Running (not .State.Restarting)}}running{{else}}{{.State.Status}}{{end}} {{.RestartCount}} {{.State.ExitCode}} {{.State.OOMKilled}} {{with index .NetworkSettings.Networks \"$network\"}}{{.IPAddress}}{{end}}" "$1" 2>/dev/null) || {
    condition=gone
    return 1
  }
  read -r condition restarts code killed address <<END
$condition
END
}

# http_status ADDRESS PORT PATH HOST SECONDS: the status that GET is answered with, no redirect followed; nothing where there is no answer.
# What the probe reads stands in probe/exchange.ts: its deadline, a stream socket of IPv4 (ip(7)), 16 bytes of address, the request.
http_status() {
  {
    octets "$5" 2 1 0 16 2 0 $(($2 / 256)) $(($2 % 256)) $(echo "$1" | tr . ' ') 0 0 0 0 0 0 0 0
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: transship\r\nConnection: close\r\n\r\n' "$3" "$4"
  } | $asker ask 2>/dev/null | {
    read -r version status rest
    case $version in HTTP/1.*) printf '%s\n' "$status" ;; esac
    # Whoever is not read to the end is cut off, and tells of it.
    cat > /dev/null
  }
}

# machine CONTAINER: what `uname -m` says in it, with the image's own command or with ours.
machine() {
  # Of a command that is not there docker itself speaks, on standard output too.
  said=$($docker exec "$1" uname -m 2>/dev/null) || {
    $docker cp "$prober:/transship-probe" - 2>/dev/null | $docker cp - "$1:/" >/dev/null 2>&1 &&
      said=$($docker exec "$1" /transship-probe 2>/dev/null)
  } || return
  printf '%s\n' "$said"
}

# start_prober: unless it waits already. It ends with the engine.
start_prober() {
  test "$($docker inspect --format '{{.State.Running}}' "$prober" 2>/dev/null)" != true || return 0
  $docker rm --force "$prober" >/dev/null 2>&1
  $docker run --detach --interactive --pull never --name "$prober" --network "$network" \
    --label "dev.transship.app=$app" --label dev.transship.role=prober "$helper" wait >/dev/null
}

# await_prober: one that was begun beside other work.
await_prober() {
  asker="$docker exec --interactive $prober /transship-probe"
  test -n "$prober_task" || return 0
  wait "$prober_task"
  prober_task=
}

# answers CONTAINER: whether the health path and the image's own health check, where there are any, say that it is well; $answer is what
# was said. $address is its address.
answers() {
  answer=
  await_prober
  if test -n "$health_path"; then
    status=$(http_status "$address" "$port" "$health_path" "$health_host" "$health_seconds")
    answer="$health_path answered ${status:-nothing}"
    test "$status" = 200 || return 1
  fi
  if test -n "$has_healthcheck"; then
    words=$(healthcheck "$1" 2>&1) || {
      answer="its health check failed: $words"
      return 1
    }
  fi
}

# is_well CONTAINER: once. Where it is not, $reason says why, and $is_over is set where it will not become well.
is_well() {
  is_over=
  look "$1" || engine_answers || return 1
  if test "$condition" != running; then
    reason="its main process ended with exit code $code"
    test "$killed" != true || reason="$reason (killed, out of memory)"
    test "$condition" != gone || reason="its container is gone"
    # An engine that ends takes it along, and brings it back.
    engine_answers || return 1
    test "$(now)" -lt "$settled_at" || is_over=yes
    return 1
  fi
  answers "$1" && return 0
  reason=$answer
  # A probe that is gone says nothing of the candidate.
  test -n "$status" || test -z "$health_path" || start_prober 2>/dev/null
  return 1
}

# engine_answers: waits for an engine that restarts, and has what it brings back settle until $settled_at; $reason where it stays away.
engine_answers() {
  ! $docker version --format . >/dev/null 2>&1 || return 0
  tell engine away
  back=$(($(now) + 120000))
  until $docker version --format . >/dev/null 2>&1; do
    test "$(now)" -lt "$back" || {
      is_over=yes reason="the engine does not answer any more"
      return 1
    }
    pause
  done
  tell engine back
  settled_at=$(($(now) + 30000)) restarts_before=
}

# is_well_still CONTAINER: the same of one that was looked at before: whoever answers there runs.
is_well_still() {
  is_over=
  test -z "$asked" || test -z "$health_path" || ! answers "$1" || return 0
  is_well "$1"
}

# pass_gate CONTAINER: whether it is well so many times in a row before its time to start is over; else $reason.
pass_gate() {
  give_up=$(($(now) + start_seconds * 1000)) row=0 asked=
  while :; do
    if is_well_still "$1"; then
      test -n "$asked" || is_machine "$1" || return 1
      asked=yes row=$((row + 1))
      test "$row" -lt "$good_answers" || break
    else
      test -z "$is_over" || return 1
      row=0
    fi
    is_in_time || return 1
    # Where nothing can be asked, to run is to be well, which wants time.
    test -n "$health_path$has_healthcheck" || sleep 1
    pause
  done
  tell_checks "$good_answers times in a row"
}

# await_first_answer CONTAINER: of one that was just started. $ready: when it began to answer, which is the middle of what is known of it;
# what docker takes after a question was answered does not count.
await_first_answer() {
  give_up=$(($(now) + start_seconds * 1000)) unanswered=$(now) asked=
  until is_well_still "$1"; do
    test -z "$is_over" && is_in_time || return 1
    unanswered=$(now)
    # One that ends is seen now and then.
    case $asked in ....) asked= ;; *) asked=$asked. ;; esac
  done
  ready=$(((unanswered + $(now)) / 2 - 25))
}

is_in_time() {
  test "$(now)" -ge "$give_up" || return 0
  reason="it was not well within $start_seconds s: ${reason:-it did not answer}"
  test -z "$health_path" || tell check health fail "$reason"
  return 1
}

# tell_checks HOW: those that it has passed.
tell_checks() {
  test -z "$health_path" || tell check health pass "$health_path answered 200, $1"
  test -z "$has_healthcheck" || tell check healthcheck pass "the image's own health check passed, $1"
}

# is_machine CONTAINER: requirement 1.4. Where nothing can be run in it the proof of its bytes has to do, and that is told.
is_machine() {
  await_prober
  said=$(machine "$1")
  if test -z "$said"; then
    tell check runtime-architecture skip "uname -m cannot be run in it: it has no such program, and takes none"
    return 0
  fi
  if test "$said" = "$machine"; then
    tell check runtime-architecture pass "uname -m says $said"
    return 0
  fi
  reason="uname -m says $said in it, and the server is $machine"
  tell check runtime-architecture fail "$reason"
  return 1
}
