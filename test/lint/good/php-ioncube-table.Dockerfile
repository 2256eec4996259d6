FROM php:8.1-apache-bookworm
ARG TARGETARCH
RUN set -eux; \
    if [ "$TARGETARCH" = "amd64" ]; then suffix="x86-64"; else suffix="aarch64"; fi; \
    curl -fsSL "https://downloads.ioncube.com/loader_downloads/ioncube_loaders_lin_${suffix}.tar.gz" | tar xz -C /tmp; \
    ext_dir="$(php -r 'echo ini_get("extension_dir");')"; \
    cp /tmp/ioncube/ioncube_loader_lin_8.1.so "$ext_dir/"; \
    echo "zend_extension=ioncube_loader_lin_8.1.so" > /usr/local/etc/php/conf.d/00-ioncube.ini; \
    rm -rf /tmp/ioncube
COPY html/ /var/www/html/
