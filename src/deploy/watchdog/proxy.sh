# The proxy of a server: HAProxy in a container, spoken to from inside by its master's command line (HAProxy, management.txt, 9.4), on the
# container's loopback: busybox's nc knows no UNIX socket.
# $docker: how docker is called here. $proxy: the name of its container, its volume and its own network; docker sends what leaves a container
# by the first of its networks in the order of their names, so an app's network has a name that comes after.
# $proxy_image: what it is made of.
#
# Functions that are ( ) keep their variables to themselves.
#
# After a reload old workers live on with the connections that they have: whatever is said of a server is said to each, and asked of each.

proxy_files=/var/lib/transship
proxy_master=127.0.0.1:9998

# What runs in the container knows these. One at a time changes something; /dev/shm is empty when the container starts.
in_container='
cd "$FILES" || exit
ask() { printf "%s\n" "$1" | timeout 30 nc "${MASTER%:*}" "${MASTER#*:}" 2>/dev/null; }
workers() { ask "show proc" | while read -r pid type rest; do test "$type" != worker || echo "$pid"; done; }
alone() {
  tries=0
  until ln -s $$ /dev/shm/lock 2>/dev/null; do
    owner=$(readlink /dev/shm/lock) || continue
    kill -0 "$owner" 2>/dev/null || { mv /dev/shm/lock "/dev/shm/lock.$$" && test "$(readlink "/dev/shm/lock.$$")" = "$owner"; }
    tries=$((tries + 1))
    test "$tries" -lt 300 || { echo "another changes it"; exit 75; }
    sleep 0.1
  done
  trap "rm -f /dev/shm/lock" EXIT
  trap "exit 1" HUP INT TERM
}
write() { dd "of=$1.new" conv=fsync 2>/dev/null && mv -f "$1.new" "$1"; }
save() {
  state=$(ask "@1 show servers state") || return
  case $state in 1*) printf "%s\n" "$state" | write servers ;; *) return 1 ;; esac
}
'

# in_proxy SCRIPT WORDS…: with standard input, as the image's user, whose the files are. Where the proxy does not run, in a container of its own that has them.
in_proxy() (
  script=$1
  shift
  set -- -c "FILES=$proxy_files MASTER=$proxy_master$in_container$script" sh "$@"
  if proxy_runs; then
    $docker exec --interactive "$proxy" sh "$@"
  else
    make_files && with_files --interactive "$proxy_image" "$@"
  fi
)

# ask_proxy SCRIPT WORDS…: the same with nothing to read, lest it reads what is not for it.
ask_proxy() {
  in_proxy "$@" < /dev/null
}

with_files() {
  $docker run --rm --network none --volume "$proxy:$proxy_files" --entrypoint sh "$@"
}

# A new volume is root's.
make_files() (
  ! $docker volume inspect "$proxy" >/dev/null 2>&1 || return 0
  user=$($docker image inspect --format '{{.Config.User}}' "$proxy_image") || return
  with_files --user 0 "$proxy_image" -c 'mkdir -m 700 "$1/certificates" && chown -R "$2" "$1"' sh "$proxy_files" "${user:-0}" || {
    $docker volume rm "$proxy" >/dev/null
    return 1
  }
)

# proxy_runs: and does not end again and again, between which docker calls it running, too.
proxy_runs() {
  test "$($docker inspect --format '{{and .State.Running (not .State.Restarting)}}' "$proxy" 2>/dev/null)" = true
}

# proxy_version: what `haproxy -v` says in its image.
proxy_version() {
  $docker run --rm --network none --entrypoint haproxy "$proxy_image" -v < /dev/null
}

# proxy_command WORDS…: to the worker that takes connections; its answer.
proxy_command() {
  ask_proxy 'ask "@1 $*"' "$@"
}

# proxy_configuration: the text that it has; nothing where there is none.
proxy_configuration() {
  ask_proxy 'cat haproxy.cfg 2>/dev/null || :'
}

# check_configuration < TEXT: what HAProxy says against it, and 1.
check_configuration() {
  in_proxy 'said=$(haproxy -c -f /dev/stdin 2>&1) || { printf "%s\n" "$said"; exit 1; }'
}

# configure_proxy SUM < TEXT: takes it for its configuration, if that which it has still has that SHA-256 ("-": none), and reloads.
# Where it does not: 75 if another has changed it, else what HAProxy says against it and 1; the old one goes on, in file and worker.
configure_proxy() {
  in_proxy '
alone
cat > wanted || exit
have=$(sha256sum haproxy.cfg 2>/dev/null) || have=-
test "${have%% *}" = "$1" || exit 75
said=$(haproxy -c -f wanted 2>&1) || { printf "%s\n" "$said"; exit 1; }
cp haproxy.cfg before 2>/dev/null
write haproxy.cfg < wanted || exit
test -e /proc/1/comm && test "$(cat /proc/1/comm)" = haproxy || exit 0
save && said=$(ask reload) && case $said in Success=1*) exit 0 ;; esac
printf "%s\n" "$said"
write haproxy.cfg < before
exit 1' "$1"
}

# start_proxy PORTS…: each as `docker create --publish` takes it, 80:8080. Makes its container unless it is there, of that image and with
# those ports; one that has others is replaced, which is a gap as long as a start takes. 0 when it answers. One at a time on a server: see lock.sh.
start_proxy() (
  wanted="$proxy_image $*"
  if test "$($docker inspect --format '{{index .Config.Labels "dev.transship.proxy"}}' "$proxy" 2>/dev/null)" = "$wanted"; then
    proxy_runs || $docker restart "$proxy" >/dev/null || return
    proxy_answers
    return
  fi
  make_network "$proxy" && make_proxy "$proxy.next" "$wanted" "$@" || return
  for network in $(networks_of "$proxy"); do
    test "$network" = "$proxy" || $docker network connect "$network" "$proxy.next" || return
  done
  $docker stop "$proxy" >/dev/null 2>&1
  if $docker start "$proxy.next" >/dev/null && (proxy=$proxy.next && proxy_answers); then
    $docker rm --force "$proxy" >/dev/null 2>&1
    $docker rename "$proxy.next" "$proxy"
  else
    $docker rm --force "$proxy.next" >/dev/null 2>&1
    $docker start "$proxy" >/dev/null 2>&1 && proxy_answers
    return 1
  fi
)

make_proxy() (
  name=$1 label=$2
  shift 2
  $docker rm --force "$name" >/dev/null 2>&1
  for port; do
    set -- "$@" --publish "$port"
    shift
  done
  $docker create --name "$name" --restart always --network "$proxy" --volume "$proxy:$proxy_files" "$@" \
    --label "dev.transship.proxy=$label" --log-driver local --log-opt max-size=10m --log-opt max-file=3 \
    --read-only --cap-drop ALL --security-opt no-new-privileges --stop-signal TERM \
    --entrypoint haproxy "$proxy_image" -W -db -S "ipv4@$proxy_master" -f "$proxy_files/haproxy.cfg" >/dev/null
)

# proxy_answers: within ten seconds; else its last words, and 1.
proxy_answers() {
  for try in 1 2 3 4 5 6 7 8 9 10; do
    case $(proxy_runs && proxy_command show version) in [0-9]*) return ;; esac
    sleep 1
  done
  $docker logs --tail 20 "$proxy" 2>&1
  return 1
}

networks_of() {
  $docker inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' "$1" 2>/dev/null
}

# join_proxy NETWORK: it reaches the containers there. Where its name comes first, what the proxy has with its clients would be cut off (tried).
join_proxy() {
  test "$(printf '%s\n' "$proxy" "$1" | LC_ALL=C sort | head -n 1)" = "$proxy" || {
    echo "the network $1 has a name that comes before $proxy"
    return 1
  }
  networks_of "$proxy" | grep -q -x -F "$1" || $docker network connect "$1" "$proxy"
}

# leave_proxy NETWORK
leave_proxy() {
  ! networks_of "$proxy" | grep -q -x -F "$1" || $docker network disconnect "$1" "$proxy"
}

# serving APP: blue or green, whichever gets new requests; nothing where none does. Fields by management.txt, 9.3, "show servers state".
serving() {
  ask_proxy '
state=$(ask "@1 show servers state $1") || exit
case $state in 1*) ;; *) exit 1 ;; esac
printf "%s\n" "$state" | while read -r _ app _ color _ _ admin rest; do
  test "$app" != "$1" || test $((admin & ~4)) != 0 || echo "$color"
done' "$1"
}

# switch_proxy APP blue|green ADDRESS PORT: new requests go there, the other one drains, and the state is saved; 0 when all of that is so. The
# address has to be the configured one: after a restart it would be again.
switch_proxy() (
  other=green
  test "$2" != green || other=blue
  ask_proxy '
alone
words=
for pid in $(workers); do
  words="$words@!$pid set server $1/$2 addr $3 port $4; @!$pid set server $1/$2 state ready; @!$pid set server $1/$5 state drain; "
done
at() { ask "@1 show servers state $1" | while read -r _ app _ color address _ admin _ _ _ _ _ _ _ _ _ _ _ port rest; do
  test "$color" != "$2" || echo "$address $port $((admin & 59))"
done; }
before=$(at "$1" "$2")
test "${before%% *}" = "$3" || { echo "$1 has no $2 at $3 but at ${before%% *}"; exit 1; }
said=$(ask "$words")
other=$(at "$1" "$5")
test "$(at "$1" "$2")" = "$3 $4 0" && test "${other##* }" = 8 || { printf "%s\n" "$said"; exit 1; }
save' "$1" "$2" "$3" "$4" "$other"
)

# of_server APP COLOR FIELD…: the sum of each of those fields of `show stat` over all workers, by their names; nothing, and 1, where none has it.
of_server() {
  ask_proxy '
app=$1 color=$2
shift 2
for pid in $(workers); do ask "@!$pid show stat $app 4 -1"; done | awk -F , -v app="$app" -v color="$color" -v names="$*" "
  /^# / { sub(/^# /, \"\"); for (i = 1; i <= NF; i++) at[\$i] = i }
  \$1 == app && \$2 == color { found = 1; n = split(names, name, \" \"); for (i = 1; i <= n; i++) sum[i] += \$at[name[i]] }
  END { if (!found) exit 1; for (i = 1; i <= n; i++) printf \"%d%s\", sum[i], i < n ? \" \" : \"\\n\" }"' "$@"
}

# drained APP COLOR: requests and tunnels that it still has.
drained() {
  of_server "$1" "$2" scur
}

# errors APP COLOR: answers of 500 and above, connections that failed for good, answers that broke off (which HAProxy counts twice, tried);
# and after them all requests. They count from when the workers began: less than before means that they are others.
errors() {
  of_server "$1" "$2" hrsp_5xx econ eresp stot wretr | {
    read -r bad refused broken tries again && echo "$((bad + refused + broken)) $((tries - again))"
  }
}

# save_proxy_state: as it is now, for its next start.
save_proxy_state() {
  ask_proxy 'alone; save'
}

# reload_proxy: with the configuration that it has. What HAProxy says against it, and 1, where the old worker goes on.
reload_proxy() {
  ask_proxy '
alone
save && said=$(ask reload) && case $said in Success=1*) exit 0 ;; esac
printf "%s\n" "$said"
exit 1'
}
