FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
      qemu-system-x86 qemu-system-arm qemu-efi-aarch64 ovmf qemu-utils \
    && rm -rf /var/lib/apt/lists/*
COPY run-vm.sh /usr/local/bin/run-vm
ENTRYPOINT ["run-vm"]
