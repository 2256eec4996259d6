FROM --platform=$BUILDPLATFORM rust:1.81 AS wasm
RUN rustup target add wasm32-unknown-unknown && cargo install wasm-bindgen-cli --version 0.2.93
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src src
RUN cargo build --release --target wasm32-unknown-unknown && \
    wasm-bindgen --target web --out-dir /pkg target/wasm32-unknown-unknown/release/viewer.wasm

FROM nginx:alpine
COPY --from=wasm /pkg /usr/share/nginx/html/pkg
COPY index.html /usr/share/nginx/html/
