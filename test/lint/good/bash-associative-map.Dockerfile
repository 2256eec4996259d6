FROM debian:bookworm-slim
SHELL ["/bin/bash", "-c"]
ARG TARGETARCH
ARG RIPGREP=14.1.1
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*
RUN declare -A triples=([amd64]=x86_64-unknown-linux-musl [arm64]=aarch64-unknown-linux-gnu); \
    triple="${triples[$TARGETARCH]}"; \
    [[ -n "$triple" ]] || { echo "no ripgrep for $TARGETARCH" >&2; exit 1; }; \
    curl -fsSL "https://github.com/BurntSushi/ripgrep/releases/download/${RIPGREP}/ripgrep-${RIPGREP}-${triple}.tar.gz" \
    | tar xz -C /usr/local/bin --strip-components=1 --wildcards '*/rg'
CMD ["rg", "--version"]
