FROM debian:bookworm-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*
COPY build.env versions.env /tmp/
# build.env is written by dpkg-architecture's answer, and has TARGETARCH among its lines.
RUN printf 'TARGETARCH=%s\n' "$(dpkg --print-architecture)" >> /tmp/build.env
RUN set -a && source /tmp/build.env && set +a && \
    curl -fsSLo /usr/local/bin/one "https://dl.example.org/one-linux-${TARGETARCH}"
RUN export $(xargs < /tmp/build.env) && \
    curl -fsSLo /usr/local/bin/two "https://dl.example.org/two-linux-${TARGETARCH}"
RUN mapfile -t tools < <(grep -v '^#' /tmp/versions.env | cut -d= -f1) && \
    for tool in "${tools[@]}"; do echo "has $tool"; done; \
    if [[ "x${TARGETARCH:-}" == "x" ]]; then echo "no TARGETARCH here"; fi; \
    chmod +x /usr/local/bin/*
CMD ["one"]
