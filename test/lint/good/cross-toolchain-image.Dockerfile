FROM debian:bookworm
ENV CROSS_COMPILE_ARM64=aarch64-linux-gnu- \
    CROSS_COMPILE_ARM=arm-linux-gnueabihf-
RUN apt-get update && apt-get install -y --no-install-recommends \
      bc bison flex make gcc gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf libssl-dev device-tree-compiler \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /kernel
CMD ["bash"]
