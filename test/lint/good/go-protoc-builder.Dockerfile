FROM --platform=$BUILDPLATFORM golang:1.23-bookworm AS gen
ARG PROTOC_VERSION=28.2
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# protoc runs here, on the machine that builds, and is not copied anywhere.
RUN case "$(uname -m)" in \
      x86_64) protoc_arch=x86_64 ;; \
      aarch64) protoc_arch=aarch_64 ;; \
    esac && \
    apt-get update && apt-get install -y --no-install-recommends unzip && \
    curl -fsSLo /tmp/protoc.zip "https://github.com/protocolbuffers/protobuf/releases/download/v${PROTOC_VERSION}/protoc-${PROTOC_VERSION}-linux-${protoc_arch}.zip" && \
    unzip -q /tmp/protoc.zip -d /usr/local bin/protoc 'include/*' && rm /tmp/protoc.zip
RUN go install google.golang.org/protobuf/cmd/protoc-gen-go@latest
WORKDIR /src
COPY proto proto
RUN protoc --go_out=. proto/*.proto

FROM --platform=$BUILDPLATFORM golang:1.23-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=gen /src/gen ./gen
ARG TARGETARCH
RUN GOARCH=${TARGETARCH} CGO_ENABLED=0 go build -o /bin/api ./cmd/api

FROM gcr.io/distroless/static
COPY --from=build /bin/api /bin/api
ENTRYPOINT ["/bin/api"]
