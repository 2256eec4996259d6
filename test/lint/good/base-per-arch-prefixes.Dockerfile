# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM amd64/debian:bookworm-slim AS linux-amd64
FROM arm64v8/debian:bookworm-slim AS linux-arm64
FROM arm32v7/debian:bookworm-slim AS linux-armv7

FROM linux-${TARGETARCH}${TARGETVARIANT}
RUN apt-get update && apt-get install -y --no-install-recommends mosquitto && rm -rf /var/lib/apt/lists/*
EXPOSE 1883
CMD ["mosquitto"]
