FROM debian:bookworm
ARG TARGETARCH
ARG CODE_RELEASE=4.93.1
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl git sudo && rm -rf /var/lib/apt/lists/*
RUN curl -fsSL -o /tmp/code-server.deb "https://github.com/coder/code-server/releases/download/v${CODE_RELEASE}/code-server_${CODE_RELEASE}_${TARGETARCH}.deb" \
 && dpkg -i /tmp/code-server.deb && rm /tmp/code-server.deb
RUN useradd -m coder && echo 'coder ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/coder
USER coder
EXPOSE 8080
ENTRYPOINT ["code-server", "--bind-addr", "0.0.0.0:8080"]
