FROM --platform=$BUILDPLATFORM golang:1.23-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends clang llvm libbpf-dev
WORKDIR /src
COPY . .
ARG TARGETARCH
RUN case "$TARGETARCH" in amd64) arch=x86 ;; *) arch="$TARGETARCH" ;; esac; \
    clang -O2 -g -target bpf -D__TARGET_ARCH_$arch -c bpf/probe.c -o internal/probe.o
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /out/agent ./cmd/agent

FROM gcr.io/distroless/static
COPY --from=build /out/agent /agent
ENTRYPOINT ["/agent"]
