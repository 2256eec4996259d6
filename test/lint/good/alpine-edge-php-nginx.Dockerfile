FROM alpine:3.20
RUN apk add --no-cache nginx supervisor php83 php83-fpm php83-opcache \
      php83-session && \
    ln -sf /usr/bin/php83 /usr/bin/php
COPY config/ /etc/
RUN chown -R nobody:nobody /run /var/lib/nginx /var/log/nginx
USER nobody
EXPOSE 8080
CMD ["/usr/bin/supervisord", "-c", "/etc/supervisor/conf.d/supervisord.conf"]
HEALTHCHECK --timeout=10s CMD curl --silent --fail http://127.0.0.1:8080/fpm-ping || exit 1
