FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl unzip && rm -rf /var/lib/apt/lists/*
RUN machine=$(uname -m); \
    case $machine in \
      x86_64|amd64)   bun=x64 ;; \
      arm64|aarch64*) bun=aarch64 ;; \
      *)              echo "Unsupported machine: $machine"; exit 1 ;; \
    esac; \
    curl -fsSLo /tmp/bun.zip "https://github.com/oven-sh/bun/releases/download/bun-v1.1.29/bun-linux-${bun}.zip" \
    && unzip -j /tmp/bun.zip -d /usr/local/bin "bun-linux-${bun}/bun" && rm /tmp/bun.zip
CMD ["bun", "--version"]
