# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.23 AS go-onbuild
ONBUILD ARG TARGETOS
ONBUILD ARG TARGETARCH
ONBUILD WORKDIR /src
ONBUILD COPY go.mod go.sum ./
ONBUILD RUN go mod download
ONBUILD COPY . .

FROM go-onbuild AS build
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/svc ./cmd/svc

FROM gcr.io/distroless/static
COPY --from=build /out/svc /svc
ENTRYPOINT ["/svc"]
