# syntax=docker/dockerfile:1
FROM ubuntu:24.04
SHELL ["/bin/bash", "-o", "pipefail", "-ec"]
ARG TARGETARCH
RUN <<'EOF'
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends ca-certificates curl

function fetch() {
  local name="$1" url="$2"
  echo "Fetching ${name} from ${url}"
  curl --fail --silent --show-error --location --retry 3 --output "/usr/local/bin/${name}" "${url}"
  chmod 0755 "/usr/local/bin/${name}"
}

vendor_arch() {
  case "$1" in
    amd64) echo "x86_64" ;;
    arm64) echo "aarch64" ;;
  esac
}

fetch sops "https://github.com/getsops/sops/releases/download/v3.9.0/sops-v3.9.0.linux.${TARGETARCH}"
fetch cosign "https://github.com/sigstore/cosign/releases/download/v2.4.0/cosign-linux-${TARGETARCH}"
fetch docker-compose "https://github.com/docker/compose/releases/download/v2.29.7/docker-compose-linux-$(vendor_arch "$TARGETARCH")"
fetch buf "https://github.com/bufbuild/buf/releases/download/v1.43.0/buf-Linux-$(vendor_arch "$TARGETARCH")"
apt-get clean
EOF
