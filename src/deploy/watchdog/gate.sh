# What is asked of a candidate before it gets traffic, and of a release while it is watched.
# $docker: how docker is called here. $prober: a container of the helper image on the app's network, which waits.

# octets NUMBER…: as bytes.
octets() {
  for octet; do
    printf "\\$(printf %03o "$octet")"
  done
}

# address CONTAINER NETWORK: its IPv4 address there.
address() {
  $docker inspect --format "{{with index .NetworkSettings.Networks \"$2\"}}{{.IPAddress}}{{end}}" "$1"
}

# http_status ADDRESS PORT PATH HOST SECONDS: the status that GET is answered with, no redirect followed; nothing where there is no answer.
# What the probe reads stands in probe/exchange.ts: its deadline, a stream socket of IPv4 (ip(7)), 16 bytes of address, the request.
http_status() {
  {
    octets "$5" 2 1 0 16 2 0 $(($2 / 256)) $(($2 % 256)) $(echo "$1" | tr . ' ') 0 0 0 0 0 0 0 0
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: transship\r\nConnection: close\r\n\r\n' "$3" "$4"
  } | $docker exec --interactive "$prober" /transship-probe ask 2>/dev/null | {
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
    $docker cp "$prober:/transship-probe" - 2>/dev/null | $docker cp - "$1:/" 2>/dev/null &&
      said=$($docker exec "$1" /transship-probe 2>/dev/null)
  } || return
  printf '%s\n' "$said"
}

# process CONTAINER: "running 0" while its main process has never ended; else its status, exit code, and "killed" where memory ran out.
process() {
  $docker inspect --format '{{if and .State.Running (not .State.Restarting)}}running {{.RestartCount}}{{else}}{{.State.Status}} {{.State.ExitCode}}{{if .State.OOMKilled}} killed{{end}}{{end}}' "$1"
}
