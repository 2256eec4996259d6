# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM alpine:3.20 AS build
ENV REDIS_VERSION=7.4.0
ENV REDIS_DOWNLOAD_SHA=e7189f50288cf3120744af65747f3a461bc10ff566015926dee645d12c4ee62c
RUN set -eux; \
    apk add --no-cache --virtual .build-deps coreutils dpkg-dev dpkg gcc linux-headers make musl-dev openssl-dev wget; \
    wget -O redis.tar.gz "https://download.redis.io/releases/redis-$REDIS_VERSION.tar.gz"; \
    echo "$REDIS_DOWNLOAD_SHA *redis.tar.gz" | sha256sum -c -; \
    mkdir -p /usr/src/redis; \
    tar -xzf redis.tar.gz -C /usr/src/redis --strip-components=1; \
    gnuArch="$(dpkg-architecture --query DEB_BUILD_GNU_TYPE)"; \
    extraJemallocConfigureFlags="--build=$gnuArch"; \
    dpkgArch="$(dpkg --print-architecture)"; \
    case "${dpkgArch##*-}" in \
      amd64 | i386 | x32) extraJemallocConfigureFlags="$extraJemallocConfigureFlags --with-lg-page=12" ;; \
      *) extraJemallocConfigureFlags="$extraJemallocConfigureFlags --with-lg-page=16" ;; \
    esac; \
    grep -F 'cd jemalloc && ./configure ' /usr/src/redis/deps/Makefile; \
    sed -ri 's!cd jemalloc && ./configure !&'"$extraJemallocConfigureFlags"' !' /usr/src/redis/deps/Makefile; \
    make -C /usr/src/redis -j "$(nproc)" all; \
    make -C /usr/src/redis install PREFIX=/opt/redis

FROM alpine:3.20
RUN addgroup -S -g 1000 redis && adduser -S -G redis -u 999 redis
COPY --from=build /opt/redis /usr/local
USER redis
CMD ["redis-server"]
