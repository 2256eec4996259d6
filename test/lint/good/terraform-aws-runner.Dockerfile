FROM debian:bookworm-slim
ARG TARGETARCH
ARG TERRAFORM_VERSION=1.9.6
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl unzip groff less \
  && rm -rf /var/lib/apt/lists/*
RUN curl -fsSLo /tmp/tf.zip "https://releases.hashicorp.com/terraform/${TERRAFORM_VERSION}/terraform_${TERRAFORM_VERSION}_linux_${TARGETARCH}.zip" \
  && unzip -d /usr/local/bin /tmp/tf.zip terraform && rm /tmp/tf.zip
RUN curl -fsSLo awscliv2.zip "https://awscli.amazonaws.com/awscli-exe-linux-$(uname -m).zip" \
  && unzip -q awscliv2.zip && ./aws/install && rm -rf aws awscliv2.zip
RUN if [[ "$TARGETARCH" == "amd64" ]]; then PLUGIN=ubuntu_64bit; else PLUGIN=ubuntu_arm64; fi \
  && curl -fsSLo smp.deb "https://s3.amazonaws.com/session-manager-downloads/plugin/latest/${PLUGIN}/session-manager-plugin.deb" \
  && dpkg -i smp.deb && rm smp.deb
WORKDIR /infra
ENTRYPOINT ["terraform"]
