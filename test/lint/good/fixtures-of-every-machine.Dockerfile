# A library's fixtures: a tiny program for each machine, whichever it is built on.
FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends \
    binutils-x86-64-linux-gnu binutils-aarch64-linux-gnu gcc-x86-64-linux-gnu
WORKDIR /src

FROM base AS exit-amd64
COPY fixtures/exit.amd64.S .
RUN x86_64-linux-gnu-gcc -static -nostdlib -o exit exit.amd64.S

FROM base AS exit-arm64
COPY fixtures/exit.arm64.s .
RUN aarch64-linux-gnu-as -o exit.o exit.arm64.s && aarch64-linux-gnu-ld -o exit -s exit.o

FROM scratch
COPY --from=exit-amd64 /src/exit /exit-amd64
COPY --from=exit-arm64 /src/exit /exit-arm64
