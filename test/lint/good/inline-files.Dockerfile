# syntax=docker/dockerfile:1
ARG REGISTRY=docker.io/library
FROM ${REGISTRY}/python:3.12-alpine
ARG TARGETARCH
RUN <<EOF
#!/usr/bin/env python3
import os, pathlib
pathlib.Path("/etc/build-info").write_text(os.environ.get("TARGETARCH", "unknown"))
EOF
COPY --chmod=0755 <<EOF /usr/local/bin/start
#!/bin/sh
echo "built for ${TARGETARCH}"
exec python3 -m http.server "\${PORT:-8000}"
EOF
COPY <<"CONF" /etc/service.conf
[server]
root = $HOME/www
CONF
CMD ["start"]
