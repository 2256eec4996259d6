FROM debian:bookworm-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ARG TARGETARCH
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl \
    && curl -fsSLO "https://dl.example.org/vault/vault_${TARGETARCH}.zip" \
    && diff <(sha256sum "vault_${TARGETARCH}.zip" | cut -d' ' -f1) <(curl -fsSL "https://dl.example.org/vault/vault_${TARGETARCH}.zip.sha256") \
    && while read -r line; do echo "$line"; done < <(ls /) |& tee /tmp/log
COPY entrypoint.sh /
ENTRYPOINT ["/entrypoint.sh"]
