# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM alpine:3.20
ARG TARGETARCH
ARG TARGETVARIANT
ADD dist/rootfs-${TARGETARCH}${TARGETVARIANT}.tar.gz /
COPY dist/firmware-${TARGETARCH}${TARGETVARIANT:+-$TARGETVARIANT}.bin /lib/firmware/board.bin
COPY --chmod=0755 scripts/start.sh /start.sh
CMD ["/start.sh"]
