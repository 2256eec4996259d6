FROM --platform=$BUILDPLATFORM debian:bookworm AS build
ARG TARGETARCH
RUN dpkg --add-architecture ${TARGETARCH} && apt-get update && \
    apt-get install -y --no-install-recommends crossbuild-essential-${TARGETARCH} libz-dev:${TARGETARCH} make
WORKDIR /src
COPY . .
RUN triple="$(dpkg-architecture -a"$TARGETARCH" -qDEB_HOST_GNU_TYPE)"; \
    make CC="$triple-gcc" AR="$triple-ar" && install -D -m0755 shrink /out/shrink

FROM debian:bookworm-slim
COPY --from=build /out/shrink /usr/local/bin/shrink
CMD ["shrink"]
