# syntax=docker/dockerfile:1
# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM scratch AS sources
COPY go.mod go.sum /
COPY cmd /cmd

FROM --platform=$BUILDPLATFORM sources AS sources-with-web
COPY web /web

FROM --platform=$BUILDPLATFORM golang:1.23-alpine AS build
ARG TARGETOS TARGETARCH TARGETVARIANT
WORKDIR /src
RUN --mount=type=bind,from=sources-with-web,target=/src \
    --mount=type=cache,target=/root/.cache/go-build \
    GOARM="${TARGETVARIANT#v}" GOOS=$TARGETOS GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /out/site ./cmd/site

FROM scratch
COPY --from=build /out/site /site
ENTRYPOINT ["/site"]
