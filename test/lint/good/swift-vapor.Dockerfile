FROM swift:6.0-jammy AS build
RUN export DEBIAN_FRONTEND=noninteractive && apt-get -q update && apt-get -q install -y libjemalloc-dev
WORKDIR /build
COPY ./Package.* ./
RUN swift package resolve $([ -f ./Package.resolved ] && echo "--force-resolved-versions" || true)
COPY Sources Sources
RUN swift build -c release --static-swift-stdlib -Xlinker -ljemalloc
WORKDIR /staging
RUN cp "$(swift build --package-path /build -c release --show-bin-path)/App" ./
RUN [ -d /build/Public ] && { mv /build/Public ./Public && chmod -R a-w ./Public; } || true

FROM ubuntu:jammy
RUN apt-get -q update && apt-get -q install -y libjemalloc2 ca-certificates tzdata && rm -r /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /staging /app
ENTRYPOINT ["./App"]
