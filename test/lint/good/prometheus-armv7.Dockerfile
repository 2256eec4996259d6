# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM alpine:3.20 AS fetch
ARG TARGETARCH
ARG TARGETVARIANT
ARG NODE_EXPORTER=1.8.2
RUN wget -qO- "https://github.com/prometheus/node_exporter/releases/download/v${NODE_EXPORTER}/node_exporter-${NODE_EXPORTER}.linux-${TARGETARCH}${TARGETVARIANT}.tar.gz" \
    | tar xz --strip-components=1 -C /usr/local/bin

FROM quay.io/prometheus/busybox:latest
COPY --from=fetch /usr/local/bin/node_exporter /bin/node_exporter
EXPOSE 9100
USER nobody
ENTRYPOINT ["/bin/node_exporter"]
