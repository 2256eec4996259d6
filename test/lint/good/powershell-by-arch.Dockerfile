FROM mcr.microsoft.com/dotnet/runtime-deps:8.0-bookworm-slim
ARG TARGETARCH
ARG PS_VERSION=7.4.5
RUN apt-get update && apt-get install -y curl libicu72 \
 && curl -fsSL "https://github.com/PowerShell/PowerShell/releases/download/v${PS_VERSION}/powershell-${PS_VERSION}-linux-$(case $TARGETARCH in amd64) printf x64;; *) printf '%s' "$TARGETARCH";; esac).tar.gz" \
  | tar xz -C /opt \
 && ln -s /opt/pwsh /usr/bin/pwsh
CMD ["pwsh"]
