FROM --platform=$BUILDPLATFORM debian:bookworm AS build
ARG TARGETARCH
RUN apt-get update && apt-get install -y gcc-aarch64-linux-gnu gcc-x86-64-linux-gnu
COPY hello.c .
RUN if [ "$TARGETARCH" = arm64 ]; then CC=aarch64-linux-gnu-gcc; else CC=x86_64-linux-gnu-gcc; fi; \
    $CC -static -Os -o /hello hello.c

FROM scratch
COPY --from=build /hello /hello
CMD ["/hello"]
