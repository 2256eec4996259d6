FROM --platform=$BUILDPLATFORM golang:1.23 AS build
WORKDIR /src
COPY . .
# The generator runs here, and is for this machine.
RUN GOARCH=$(go env GOHOSTARCH) go build -o /tmp/gen ./cmd/gen && /tmp/gen > assets/version.json
RUN GOOS=js GOARCH=wasm go build -o assets/app.wasm ./cmd/front
ARG TARGETARCH
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /out/server ./cmd/server

FROM gcr.io/distroless/static
COPY --from=build /src/assets /assets
COPY --from=build /out/server /server
ENTRYPOINT ["/server"]
