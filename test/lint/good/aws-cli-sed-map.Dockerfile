FROM --platform=$BUILDPLATFORM alpine:3.20 AS fetch
ARG TARGETARCH
RUN apk add --no-cache curl unzip
RUN AWS_ARCH=$(echo "$TARGETARCH" | sed -e 's/amd64/x86_64/' -e 's/arm64/aarch64/') && \
    curl -fsSL "https://awscli.amazonaws.com/awscli-exe-linux-${AWS_ARCH}-2.17.60.zip" -o /tmp/aws.zip && \
    unzip -q /tmp/aws.zip -d /opt

FROM debian:bookworm-slim
COPY --from=fetch /opt/aws /opt/aws
RUN /opt/aws/install && rm -rf /opt/aws
CMD ["aws", "--version"]
