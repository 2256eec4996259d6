# syntax=docker/dockerfile:1.7
# Every build makes the binaries of all platforms, beside the image of one.
FROM --platform=$BUILDPLATFORM golang:1.23 AS release
WORKDIR /src
COPY . .
RUN <<EOF
set -eu
for os in linux darwin windows; do
  for arch in amd64 arm64; do
    ext=""
    if [ "$os" = windows ]; then ext=.exe; fi
    CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -o "/dist/tool-$os-$arch$ext" .
  done
done
cd /dist && sha256sum tool-* > SHA256SUMS
EOF

FROM scratch AS artifacts
COPY --from=release /dist/ /

FROM alpine:3.20
ARG TARGETARCH
COPY --from=release /dist/tool-linux-${TARGETARCH} /usr/local/bin/tool
COPY --from=release /dist/ /srv/downloads/
CMD ["tool"]
