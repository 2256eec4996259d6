# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM ubuntu:22.04
ARG TARGETARCH
ENV TINI_VERSION=v0.19.0
RUN case "${TARGETARCH:-$(dpkg --print-architecture)}" in \
      arm) tini=tini-armhf ;; \
      *) tini="tini-${TARGETARCH}" ;; \
    esac \
 && apt-get update && apt-get install -y curl \
 && curl -fsSL -o /tini "https://github.com/krallin/tini/releases/download/${TINI_VERSION}/${tini}" \
 && chmod +x /tini
ENTRYPOINT ["/tini", "--"]
CMD ["bash"]
