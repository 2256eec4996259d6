# platforms: linux/amd64, linux/arm64, linux/arm/v7
ARG GO_VERSION=1.23

FROM --platform=${BUILDPLATFORM} golang:${GO_VERSION} AS tools
RUN go install github.com/sqlc-dev/sqlc/cmd/sqlc@v1.27.0 && \
    go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.35.1 && \
    go install go.uber.org/mock/mockgen@v0.5.0

FROM tools AS build
ARG TARGETOS
ARG TARGETARCH
ARG TARGETVARIANT
ARG VERSION=dev
ENV CGO_ENABLED=0
WORKDIR /go/src/app
COPY . .
RUN sqlc generate && go generate ./...
RUN set -eu; \
    if [ "$TARGETARCH" = arm ]; then export GOARM="${TARGETVARIANT#v}"; fi; \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags "-X main.version=${VERSION}" -o /usr/local/bin/app .

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /usr/local/bin/app /app
ENTRYPOINT ["/app"]
