FROM debian:bookworm-slim
ARG S6_OVERLAY_VERSION=3.2.0.0
RUN apt-get update && apt-get install -y --no-install-recommends nginx xz-utils curl ca-certificates && rm -rf /var/lib/apt/lists/*
ADD https://github.com/just-containers/s6-overlay/releases/download/v${S6_OVERLAY_VERSION}/s6-overlay-noarch.tar.xz /tmp
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz
RUN curl -fsSL "https://github.com/just-containers/s6-overlay/releases/download/v${S6_OVERLAY_VERSION}/s6-overlay-$(uname -m).tar.xz" | tar -C / -Jxp
COPY root/ /
ENTRYPOINT ["/init"]
