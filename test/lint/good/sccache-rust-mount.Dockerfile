# syntax=docker/dockerfile:1
FROM rust:1.81-bookworm AS build
ARG TARGETARCH
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/git,sharing=locked \
    --mount=type=cache,id=relay-target-${TARGETARCH},target=/src/target \
    cargo build --release --locked && cp target/release/relay /usr/local/bin/relay

FROM gcr.io/distroless/cc-debian12
COPY --from=build /usr/local/bin/relay /relay
ENTRYPOINT ["/relay"]
