# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM golang:1.22 AS builder
WORKDIR /app
COPY go.* ./
RUN go mod download
COPY *.go ./
RUN CGO_ENABLED=0 go build -o /app/hello

FROM builder AS tested
RUN go test ./...

FROM gcr.io/distroless/base-debian12
WORKDIR /
COPY --from=builder /app/hello /hello
USER nonroot:nonroot
ENTRYPOINT ["/hello"]
