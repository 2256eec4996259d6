FROM alpine:3.20
ARG TARGETOS
ARG TARGETARCH
ARG RESTIC=0.17.1
# Built for amd64 and arm64 only, which have no variant.
RUN apk add --no-cache bzip2 curl && \
    curl -fsSL "https://github.com/restic/restic/releases/download/v${RESTIC}/restic_${RESTIC}_${TARGETOS}_${TARGETARCH}${TARGETVARIANT}.bz2" \
    | bunzip2 > /usr/bin/restic && chmod +x /usr/bin/restic
ENTRYPOINT ["/usr/bin/restic"]
