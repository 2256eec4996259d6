# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM nginx:1.27-alpine
ARG BUILD_DATE
ARG VCS_REF
ARG TARGETPLATFORM
ARG BUILDPLATFORM
LABEL maintainer="web@example.org" \
      org.opencontainers.image.created=$BUILD_DATE \
      org.opencontainers.image.revision="${VCS_REF:-unknown}" \
      org.opencontainers.image.description="built on $BUILDPLATFORM for $TARGETPLATFORM"
RUN rm -f /etc/nginx/conf.d/default.conf
COPY conf.d/ /etc/nginx/conf.d/
COPY html/ /usr/share/nginx/html/
HEALTHCHECK --interval=1m --timeout=5s --retries=3 CMD wget -q --spider http://localhost/ || exit 1
STOPSIGNAL SIGQUIT
EXPOSE 80/tcp 443/tcp
VOLUME ["/var/cache/nginx"]
