FROM debian:bookworm
ARG WKHTML=0.12.6.1-3
RUN apt-get update \
 && apt-get install -y --no-install-recommends wget ca-certificates \
 && ARCH=`dpkg --print-architecture` \
 && wget -q https://github.com/wkhtmltopdf/packaging/releases/download/${WKHTML}/wkhtmltox_${WKHTML}.bookworm_${ARCH}.deb \
 && apt-get install -y --no-install-recommends ./wkhtmltox_${WKHTML}.bookworm_${ARCH}.deb \
 && rm wkhtmltox_*.deb \
 && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["wkhtmltopdf"]
