FROM --platform=$BUILDPLATFORM golang:1.23 AS build
ARG TARGETOS=linux
ARG TARGETARCH
WORKDIR /src
COPY . .
RUN GOOS=${TARGETOS} GOARCH=${TARGETARCH} CGO_ENABLED=0 go build -o /echo .

FROM busybox:1.36
ARG TARGETARCH
ARG TARGETARCH=${TARGETARCH:-amd64}
LABEL org.example.architecture=${TARGETARCH}
COPY --from=build /echo /bin/echo-server
CMD ["echo-server"]
