FROM --platform=$BUILDPLATFORM golang:1.23-bookworm AS build
ARG TARGETARCH
RUN dpkgArch="$(dpkg --print-architecture)"; \
    case "$dpkgArch" in amd64) zigArch=x86_64 ;; arm64) zigArch=aarch64 ;; esac; \
    curl -fsSL "https://ziglang.org/download/0.13.0/zig-linux-$zigArch-0.13.0.tar.xz" -o /tmp/zig.tar.xz && \
    mkdir /opt/zig && tar xf /tmp/zig.tar.xz -C /opt/zig --strip-components=1
ENV PATH=/opt/zig:$PATH
WORKDIR /src
COPY . .
RUN declare_target() { case "$1" in amd64) echo x86_64-linux-musl ;; arm64) echo aarch64-linux-musl ;; esac; }; \
    target="$(declare_target "$TARGETARCH")"; \
    CGO_ENABLED=1 GOARCH="$TARGETARCH" CC="zig cc -target $target" CXX="zig c++ -target $target" \
    go build -ldflags '-linkmode external -extldflags -static' -o /out/db .

FROM scratch
COPY --from=build /out/db /db
ENTRYPOINT ["/db"]
