# syntax=docker/dockerfile:1
FROM alpine:3.20
RUN apk add --no-cache bash curl
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ARG TARGETARCH
RUN <<EOF
tools=(
  "https://github.com/kubernetes-sigs/kind/releases/download/v0.24.0/kind-linux-${TARGETARCH}"
  "https://github.com/prometheus-operator/poctl/releases/download/v1/poctl-linux-${TARGETARCH}"
)
for url in "${tools[@]}"; do
  file="${url##*/}"
  curl -fsSL -o "/usr/local/bin/${file%-linux-*}" "$url"
done
for ((i = 0; i < ${#tools[@]}; i++)); do
  echo "installed ${tools[$i]}"
done
chmod +x /usr/local/bin/*
EOF
