# An app's own network, on which a container has the address of its color: before and after a reboot, whatever starts first.
# docker gives a container a fixed address only in a subnet that was named, and gives others whatever is free in the range that was named
# (docker network create --subnet, --ip-range): theirs is the lower half, the two fixed ones are the last of the upper.
# $docker: how docker is called here.

# make_network NAME: unless it is there. Which subnet is free docker knows: it is asked for any, and then for that one by name.
make_network() (
  tries=0
  until $docker network inspect "$1" >/dev/null 2>&1; do
    tries=$((tries + 1))
    test "$tries" -le 5 || return
    $docker network create "$1" >/dev/null || return
    found=$(subnet "$1") && $docker network rm "$1" >/dev/null || return
    # Another may have taken it meanwhile.
    $docker network create --subnet "$found" --ip-range "${found%/*}/$((${found#*/} + 1))" "$1" >/dev/null
  done
)

# subnet NAME: the one of IPv4, as 172.18.0.0/16.
subnet() {
  $docker network inspect --format '{{range .IPAM.Config}}{{println .Subnet}}{{end}}' "$1" | grep -m 1 -F .
}

# fixed_address NAME blue|green
fixed_address() (
  from_end=2
  test "$2" = blue || from_end=1
  subnet "$1" | {
    IFS=./ read -r a b c d length || return
    number=$(((a << 24 | b << 16 | c << 8 | d) + (1 << (32 - length)) - 1 - from_end))
    printf '%s.%s.%s.%s\n' $((number >> 24 & 255)) $((number >> 16 & 255)) $((number >> 8 & 255)) $((number & 255))
  }
)
