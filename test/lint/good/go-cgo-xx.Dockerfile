# syntax=docker/dockerfile:1
# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.5.0 AS xx

FROM --platform=$BUILDPLATFORM golang:1.23-alpine3.20 AS build
COPY --from=xx / /
RUN apk add --no-cache clang lld pkgconf
WORKDIR /src
ARG TARGETPLATFORM
RUN xx-apk add --no-cache gcc musl-dev sqlite-dev
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 xx-go build -tags libsqlite3 -o /out/ledger ./cmd/ledger && \
    xx-verify /out/ledger

FROM alpine:3.20
RUN apk add --no-cache sqlite-libs tzdata
COPY --from=build /out/ledger /usr/local/bin/ledger
VOLUME /var/lib/ledger
ENTRYPOINT ["ledger"]
