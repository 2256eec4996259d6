FROM --platform=$BUILDPLATFORM ghcr.io/rust-cross/cargo-zigbuild:0.19 AS build
ARG TARGETARCH
WORKDIR /io
COPY . .
RUN set -e; \
    if [ "$TARGETARCH" = "amd64" ]; then TRIPLE=x86_64-unknown-linux-musl; \
    elif [ "$TARGETARCH" = "arm64" ]; then TRIPLE=aarch64-unknown-linux-musl; \
    else echo "unsupported: $TARGETARCH"; exit 1; fi; \
    rustup target add $TRIPLE; \
    cargo zigbuild --release --target $TRIPLE; \
    mv target/$TRIPLE/release/fetcher /fetcher

FROM gcr.io/distroless/static
COPY --from=build /fetcher /fetcher
ENTRYPOINT ["/fetcher"]
