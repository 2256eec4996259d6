# platforms: linux/amd64, linux/arm64
FROM docker:27-cli AS docker
FROM hashicorp/vault:1.17 AS vault

FROM debian:bookworm-slim
COPY --from=docker /usr/local/bin/docker /usr/local/bin/
COPY --from=vault /bin/vault /usr/local/bin/
COPY --from=docker/buildx-bin:0.17 /buildx /usr/libexec/docker/cli-plugins/docker-buildx
COPY --from=busybox:1.36-musl /bin/busybox /bin/busybox
RUN /bin/busybox --install -s /bin && vault -version
ENTRYPOINT ["docker"]
