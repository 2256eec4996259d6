FROM alpine:3.20
RUN apk add --no-cache dnsmasq curl
# It serves machines of every architecture, whichever one it runs on itself.
ADD https://boot.example.org/ipxe-x86_64.efi /tftp/ipxe-x86_64.efi
ADD https://boot.example.org/ipxe-arm64.efi /tftp/ipxe-arm64.efi
RUN for arch in amd64 arm64; do \
      mkdir -p "/tftp/debian/$arch" && \
      curl -fsSL "https://deb.debian.org/debian/dists/bookworm/main/installer-$arch/current/images/netboot/netboot.tar.gz" | tar xz -C "/tftp/debian/$arch"; \
    done
EXPOSE 67/udp 69/udp
ENTRYPOINT ["dnsmasq", "--no-daemon"]
