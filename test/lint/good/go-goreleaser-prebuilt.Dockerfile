# platforms: linux/amd64, linux/arm64, linux/arm/v7
# The binaries are built outside, one directory for each platform.
FROM alpine:3.20 AS certs
RUN apk add -U --no-cache ca-certificates

FROM scratch
ARG TARGETPLATFORM
COPY --from=certs /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY ${TARGETPLATFORM}/operator /operator
ENTRYPOINT ["/operator"]
