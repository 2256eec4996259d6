FROM --platform=$BUILDPLATFORM alpine:3.20 AS build
ARG ZIG_VERSION=0.13.0
# The compiler is of this machine, and compiles for any.
RUN apk add --no-cache curl xz && \
    mkdir -p /zig && \
    curl -fsSL "https://ziglang.org/download/${ZIG_VERSION}/zig-linux-$(uname -m)-${ZIG_VERSION}.tar.xz" | tar xJ -C /zig --strip-components=1
WORKDIR /src
COPY build.zig build.zig.zon ./
COPY src src
ARG TARGETARCH
RUN case "$TARGETARCH" in amd64) target=x86_64-linux-musl ;; arm64) target=aarch64-linux-musl ;; esac; \
    /zig/zig build -Doptimize=ReleaseSafe -Dtarget="$target" --prefix /out

FROM scratch
COPY --from=build /out/bin/kv /kv
ENTRYPOINT ["/kv"]
