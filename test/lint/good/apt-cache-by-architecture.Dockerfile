# syntax=docker/dockerfile:1
FROM ubuntu:24.04 AS build
ARG TARGETARCH
RUN rm -f /etc/apt/apt.conf.d/docker-clean
RUN --mount=type=cache,id=apt-cache-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=apt-lib-$TARGETARCH,target=/var/lib/apt,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends ccache g++ cmake make
COPY . /src
RUN --mount=type=cache,id=ccache-$TARGETARCH,target=/root/.ccache \
    cmake -S /src -B /build -DCMAKE_CXX_COMPILER_LAUNCHER=ccache && \
    cmake --build /build && cmake --install /build --prefix /opt/sim

FROM ubuntu:24.04
COPY --from=build /opt/sim /opt/sim
CMD ["/opt/sim/bin/sim"]
