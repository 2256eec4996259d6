# escape=`
FROM ubuntu:24.04
ARG TARGETARCH
RUN apt-get update && `
    apt-get install -y curl && `
    curl -fsSL -o /tmp/app.deb "https://pkgs.example.org/app_1.2.3_${TARGETARCH}.deb" && `
    apt-get install -y /tmp/app.deb && `
    rm /tmp/app.deb
CMD ["app"]
