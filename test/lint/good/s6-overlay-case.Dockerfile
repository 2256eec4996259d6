# syntax=docker/dockerfile:1
# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM alpine:3.20 AS rootfs-stage
ARG TARGETARCH
ARG TARGETVARIANT
ARG S6_OVERLAY_VERSION="3.2.0.0"
RUN apk add --no-cache curl tar xz
RUN <<EOT
  set -e
  case "${TARGETARCH}/${TARGETVARIANT}" in
    amd64/*) S6_ARCH=x86_64 ;;
    arm64/*) S6_ARCH=aarch64 ;;
    arm/v7)  S6_ARCH=armhf ;;
    *) echo "no s6-overlay for ${TARGETARCH}"; exit 1 ;;
  esac
  mkdir /root-out
  for part in noarch ${S6_ARCH} symlinks-noarch symlinks-arch; do
    curl -fsSL "https://github.com/just-containers/s6-overlay/releases/download/v${S6_OVERLAY_VERSION}/s6-overlay-${part}.tar.xz" | tar -C /root-out -Jxp
  done
EOT

FROM alpine:3.20
COPY --from=rootfs-stage /root-out/ /
COPY services.d/ /etc/services.d/
ENV S6_BEHAVIOUR_IF_STAGE2_FAILS=2
ENTRYPOINT ["/init"]
