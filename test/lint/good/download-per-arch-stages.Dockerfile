# syntax=docker/dockerfile:1
ARG VERSION=3.1.2
FROM --platform=$BUILDPLATFORM alpine:3.20 AS fetch
RUN apk add --no-cache curl

FROM fetch AS fetch-amd64
ARG VERSION
ADD --checksum=sha256:46bad066ef9c3258b111e765ad946e92137bcdf5959160765bc59c00cba3b28b https://dl.example.org/agent/${VERSION}/agent-x86_64.tar.gz /tmp/agent.tar.gz

FROM fetch AS fetch-arm64
ARG VERSION
ADD --checksum=sha256:14e60446f911d3c3cc8ac3579628611cac96da70f49e5741fb3db7a90394a1ca https://dl.example.org/agent/${VERSION}/agent-aarch64.tar.gz /tmp/agent.tar.gz

FROM fetch-$TARGETARCH AS unpacked
RUN mkdir /agent && tar xzf /tmp/agent.tar.gz -C /agent

FROM gcr.io/distroless/cc-debian12
COPY --from=unpacked /agent/bin/agent /usr/bin/agent
ENTRYPOINT ["/usr/bin/agent"]
