FROM debian:bookworm-slim AS base
ARG TARGETARCH
ARG ARCH=${TARGETARCH:-amd64}
ARG CHANNEL
ENV APP_ARCH=${ARCH} \
    APP_CHANNEL=${CHANNEL:-stable} \
    APP_HOME=/opt/app
RUN apt-get update && apt-get install -y curl ca-certificates
RUN curl -fsSL "https://repo.example.org/${APP_CHANNEL}/${APP_ARCH:-amd64}/app.tar.gz" -o /tmp/app.tgz && \
    mkdir -p "${APP_HOME}" && tar xzf /tmp/app.tgz -C "${APP_HOME:?}" && rm /tmp/app.tgz

FROM base
WORKDIR ${APP_HOME}
CMD ["./bin/app"]
