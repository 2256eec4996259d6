FROM --platform=$BUILDPLATFORM golang:1.23 AS build
WORKDIR /src
COPY . .
ARG TARGETARCH
RUN --mount=type=cache,id=gobuild-$TARGETARCH,target=/root/.cache/go-build \
    --mount=type=cache,target=/go/pkg \
    GOARCH="$TARGETARCH" CGO_ENABLED=0 go build -o /usr/local/bin/myapp ./cmd/myapp

FROM alpine:3.20
ARG TARGETARCH
ADD https://github.com/benbjohnson/litestream/releases/download/v0.3.13/litestream-v0.3.13-linux-${TARGETARCH}.tar.gz /tmp/litestream.tar.gz
RUN tar -C /usr/local/bin -xzf /tmp/litestream.tar.gz && rm /tmp/litestream.tar.gz
COPY --from=build /usr/local/bin/myapp /usr/local/bin/myapp
COPY litestream.yml /etc/litestream.yml
CMD ["litestream", "replicate", "-exec", "myapp"]
