# syntax=docker/dockerfile:1
# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM golang:1.23-alpine AS build
COPY --from=tonistiigi/xx:1.5.0 / /
RUN apk add --no-cache git
WORKDIR /src
COPY . .
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/root/.cache/go-build \
    set -e; xx-go --wrap; \
    echo "building for $(xx-info arch)"; \
    if xx-info is-cross; then export CGO_ENABLED=0; fi; \
    go build -o /out/mirror . && xx-verify --static /out/mirror

FROM scratch
COPY --from=build /out/mirror /mirror
ENTRYPOINT ["/mirror"]
