FROM --platform=$BUILDPLATFORM golang:1.23 AS build
ARG TARGETOS
ARG TARGETARCH
ENV GOOS=$TARGETOS \
    GOARCH=$TARGETARCH \
    CGO_ENABLED=0
WORKDIR /workspace
COPY go.mod go.sum ./
COPY api/ api/
COPY internal/ internal/
COPY Makefile ./
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build make manager

FROM gcr.io/distroless/static:nonroot
WORKDIR /
COPY --from=build /workspace/bin/manager .
USER 65532:65532
ENTRYPOINT ["/manager"]
