# syntax=docker/dockerfile:1
# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.5.0 AS xx

FROM --platform=$BUILDPLATFORM debian:bookworm AS build
COPY --from=xx / /
RUN apt-get update && apt-get install -y clang lld cmake make
ARG TARGETPLATFORM
RUN xx-apt-get install -y libc6-dev libstdc++-12-dev zlib1g-dev
WORKDIR /work
COPY . .
RUN cmake $(xx-clang --print-cmake-defines) -S . -B out && cmake --build out
RUN xx-clang++ -O2 tools/pack.cc -o /usr/out-pack -lz && xx-verify /usr/out-pack out/solver

FROM debian:bookworm-slim
COPY --from=build /work/out/solver /usr/out-pack /usr/local/bin/
CMD ["solver"]
