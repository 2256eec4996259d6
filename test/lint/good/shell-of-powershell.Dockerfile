FROM mcr.microsoft.com/powershell:7.4-debian-12 AS base
SHELL ["pwsh", "-NoProfile", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN Install-Module -Name Az.Accounts -Scope AllUsers -Force

FROM base
RUN Set-PSRepository -Name PSGallery -InstallationPolicy Trusted; if ($env:CI) { Write-Host 'ci' }
COPY run.ps1 /run.ps1
ENTRYPOINT ["pwsh", "/run.ps1"]
