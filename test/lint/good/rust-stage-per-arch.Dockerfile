FROM --platform=$BUILDPLATFORM rust:1.81 AS base
WORKDIR /src
RUN apt-get update && apt-get install -y musl-tools lld

FROM base AS target-amd64
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl

FROM base AS target-arm64
ENV CARGO_BUILD_TARGET=aarch64-unknown-linux-musl
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld

FROM target-${TARGETARCH} AS build
RUN rustup target add $CARGO_BUILD_TARGET
COPY Cargo.* ./
COPY src ./src
RUN cargo build --release && cp target/$CARGO_BUILD_TARGET/release/probe /probe

FROM scratch
COPY --from=build /probe /probe
ENTRYPOINT ["/probe"]
