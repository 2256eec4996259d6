# syntax=docker/dockerfile:1
FROM alpine:3.20
ARG TARGETARCH
RUN <<EOF
set -eu
apk add --no-cache curl
die() { echo "$*" >&2; exit 1; }
found=
for pair in amd64=x86_64 arm64=aarch64 riscv64=riscv64; do
  [ "${pair%%=*}" = "$TARGETARCH" ] || continue
  found="${pair#*=}"
  curl -fsSL "https://dl.example.org/tool/1.4/tool-${found}-unknown-linux-musl.tar.gz" | tar xz -C /usr/bin
done
[ -n "$found" ] || die "no tool for $TARGETARCH"
EOF
CMD ["tool"]
