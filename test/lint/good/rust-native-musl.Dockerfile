# platforms: linux/amd64, linux/arm64
FROM rust:1.81-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /app
COPY Cargo.toml Cargo.lock ./
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release --locked

FROM scratch
COPY --from=build /app/target/release/web /web
ENTRYPOINT ["/web"]
