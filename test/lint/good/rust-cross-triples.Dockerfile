# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM rust:1.81-bookworm AS build
ARG TARGETARCH
ARG TARGETVARIANT
RUN dpkg --add-architecture arm64 && dpkg --add-architecture armhf && apt-get update && \
    apt-get install -y gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-x86-64-linux-gnu
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER=arm-linux-gnueabihf-gcc \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=x86_64-linux-gnu-gcc
RUN case "${TARGETARCH}${TARGETVARIANT}" in \
      amd64) echo x86_64-unknown-linux-gnu ;; \
      arm64) echo aarch64-unknown-linux-gnu ;; \
      armv7) echo armv7-unknown-linux-gnueabihf ;; \
      *) exit 1 ;; \
    esac > /triple && rustup target add "$(cat /triple)"
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,id=rust-${TARGETARCH}${TARGETVARIANT} \
    cargo build --release --target "$(cat /triple)" && \
    install -D "target/$(cat /triple)/release/gateway" /out/gateway

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/gateway /usr/local/bin/
ENTRYPOINT ["gateway"]
