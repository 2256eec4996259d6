FROM --platform=$BUILDPLATFORM golang:1.23-bookworm AS build
ARG TARGETARCH
RUN apt-get update && apt-get install -y --no-install-recommends \
      gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-x86-64-linux-gnu libc6-dev-amd64-cross \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN case "$TARGETARCH" in \
      amd64) export CC=x86_64-linux-gnu-gcc ;; \
      arm64) export CC=aarch64-linux-gnu-gcc ;; \
      *) echo "no compiler for $TARGETARCH" >&2; exit 1 ;; \
    esac; \
    CGO_ENABLED=1 GOOS=linux GOARCH=$TARGETARCH go build -o /out/agent ./cmd/agent

FROM debian:bookworm-slim
COPY --from=build /out/agent /usr/bin/agent
CMD ["agent", "--config", "/etc/agent.toml"]
