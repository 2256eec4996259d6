FROM --platform=$BUILDPLATFORM golang:1.23 AS build
WORKDIR /src
COPY . .
ARG TARGETARCH
ARG PROBE=v0.4.35
RUN mkdir /out && CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /out/greeter ./greeter
RUN wget -qO/out/grpc_health_probe \
      "https://github.com/grpc-ecosystem/grpc-health-probe/releases/download/${PROBE}/grpc_health_probe-linux-${TARGETARCH}" \
    && chmod +x /out/grpc_health_probe

FROM gcr.io/distroless/static
COPY --from=build /out/ /
HEALTHCHECK CMD ["/grpc_health_probe", "-addr=:50051"]
ENTRYPOINT ["/greeter"]
