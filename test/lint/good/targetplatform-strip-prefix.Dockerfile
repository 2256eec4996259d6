# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$TARGETPLATFORM debian:bookworm-slim
SHELL ["/bin/bash", "-c"]
ARG TARGETPLATFORM
RUN apt-get update && apt-get install -y curl ca-certificates
RUN platform="${TARGETPLATFORM#linux/}"; \
    platform="${platform//\//}"; \
    curl -fsSL "https://github.com/caddyserver/caddy/releases/download/v2.8.4/caddy_2.8.4_linux_${platform}.tar.gz" \
    | tar xz -C /usr/bin caddy
CMD ["caddy", "run"]
