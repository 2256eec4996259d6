FROM crystallang/crystal:1.13-alpine AS build
WORKDIR /src
COPY shard.yml shard.lock ./
RUN shards install --production
COPY src src
RUN shards build --static --release --no-debug

FROM scratch
COPY --from=build /src/bin/pinger /pinger
ENTRYPOINT ["/pinger"]
