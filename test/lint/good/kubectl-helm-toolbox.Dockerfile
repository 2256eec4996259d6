FROM alpine:3.20
ARG TARGETARCH
ARG KUBECTL_VERSION=v1.31.1
ARG HELM_VERSION=v3.16.1
RUN apk add --no-cache bash curl git jq
RUN curl -fsSLo /usr/local/bin/kubectl "https://dl.k8s.io/release/${KUBECTL_VERSION}/bin/linux/${TARGETARCH}/kubectl" \
 && chmod 0755 /usr/local/bin/kubectl
RUN curl -fsSL "https://get.helm.sh/helm-${HELM_VERSION}-linux-${TARGETARCH}.tar.gz" | tar -xz -C /usr/local/bin --strip-components=1 "linux-${TARGETARCH}/helm"
ADD --chmod=755 https://github.com/mikefarah/yq/releases/download/v4.44.3/yq_linux_${TARGETARCH} /usr/local/bin/yq
ENTRYPOINT ["/bin/bash"]
