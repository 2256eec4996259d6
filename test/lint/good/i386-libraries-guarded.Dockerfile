FROM debian:bookworm-slim
ARG TARGETARCH
# The game server is a 32-bit program; on arm64 box86 runs it.
RUN if [ "$TARGETARCH" = "amd64" ]; then \
      dpkg --add-architecture i386 && apt-get update && \
      apt-get install -y --no-install-recommends libc6:i386 libstdc++6:i386; \
    else \
      dpkg --add-architecture armhf && apt-get update && \
      apt-get install -y --no-install-recommends libc6:armhf box86; \
    fi && rm -rf /var/lib/apt/lists/*
COPY start.sh /start.sh
CMD ["/start.sh"]
