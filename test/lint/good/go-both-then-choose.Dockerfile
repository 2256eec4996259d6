FROM --platform=$BUILDPLATFORM golang:1.23 AS build
WORKDIR /src
COPY . .
ENV CGO_ENABLED=0
RUN GOARCH=amd64 go build -o /out/app-amd64 . && GOARCH=arm64 go build -o /out/app-arm64 .

FROM gcr.io/distroless/static
ARG TARGETARCH
COPY --from=build /out/app-${TARGETARCH} /app
ENTRYPOINT ["/app"]
