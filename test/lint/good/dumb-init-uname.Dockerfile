FROM debian:12-slim
ARG DUMB_INIT=1.2.5
ADD https://raw.githubusercontent.com/example/scripts/main/entrypoint.sh /entrypoint.sh
RUN apt-get update -y && apt-get install -y --no-install-recommends wget ca-certificates \
 && wget -qO /usr/bin/dumb-init https://github.com/Yelp/dumb-init/releases/download/v${DUMB_INIT}/dumb-init_${DUMB_INIT}_$(uname -m) \
 && chmod +x /usr/bin/dumb-init /entrypoint.sh
ENTRYPOINT ["dumb-init", "--", "/entrypoint.sh"]
