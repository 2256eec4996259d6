FROM --platform=$BUILDPLATFORM ubuntu:22.04 AS build
ARG TARGETARCH
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y cmake make && \
    case "$TARGETARCH" in \
      amd64) apt-get install -y g++-x86-64-linux-gnu ;; \
      arm64) apt-get install -y g++-aarch64-linux-gnu ;; \
    esac
RUN <<EOF
set -e
case "$TARGETARCH" in
  amd64) triple=x86_64-linux-gnu processor=x86_64 ;;
  arm64) triple=aarch64-linux-gnu processor=aarch64 ;;
esac
cat > /toolchain.cmake <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR $processor)
set(CMAKE_C_COMPILER $triple-gcc)
set(CMAKE_CXX_COMPILER $triple-g++)
END
EOF
COPY . /src
RUN cmake -S /src -B /build -DCMAKE_TOOLCHAIN_FILE=/toolchain.cmake -DBUILD_SHARED_LIBS=OFF && make -C /build -j4

FROM ubuntu:22.04
COPY --from=build /build/bin/router /usr/sbin/router
CMD ["/usr/sbin/router"]
