FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake ninja-build g++ libboost-dev libssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt .
COPY src src
ARG TARGETARCH
RUN --mount=type=cache,target=/build,id=cmake-$TARGETARCH \
    cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release && \
    cmake --build /build --parallel "$(nproc)" && \
    cmake --install /build --prefix /opt/app

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libssl3 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/app /opt/app
ENV LD_LIBRARY_PATH=/opt/app/lib
CMD ["/opt/app/bin/daemon"]
