FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*
# Builders that set no TARGETARCH are answered by dpkg, and so are those that do.
RUN set -eu; \
    ARCH="${TARGETARCH:-$(dpkg --print-architecture)}"; \
    curl -fsSL "https://dl.example.org/relay/2.4.0/relay_linux_${ARCH}.tar.gz" | tar xz -C /usr/local/bin
RUN if [ -z "${TARGETARCH}" ]; then TARGETARCH="$(dpkg --print-architecture)"; fi; \
    curl -fsSLo /usr/local/bin/relayctl "https://dl.example.org/relay/2.4.0/relayctl_linux_${TARGETARCH}" && \
    chmod +x /usr/local/bin/relayctl
ENTRYPOINT ["relay"]
