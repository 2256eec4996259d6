FROM --platform=${TARGETPLATFORM:-linux/amd64} alpine:3.20
ARG TARGETPLATFORM
ARG MC_VERSION=RELEASE.2024-10-02T08-27-28Z
RUN apk add --no-cache curl \
 && OS=$(echo "$TARGETPLATFORM" | cut -d/ -f1) \
 && ARCH=$(echo "$TARGETPLATFORM" | cut -d/ -f2) \
 && curl -fsSLo /usr/local/bin/mc "https://dl.min.io/client/mc/release/${OS}-${ARCH}/archive/mc.${MC_VERSION}" \
 && chmod +x /usr/local/bin/mc
ENTRYPOINT ["mc"]
