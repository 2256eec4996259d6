# Each architecture has a base of its own.
FROM nvidia/cuda:12.6.1-runtime-ubuntu24.04 AS base-amd64
ENV PROVIDER=cuda

FROM ubuntu:24.04 AS base-arm64
ENV PROVIDER=cpu

FROM base-${TARGETARCH} AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /srv
COPY serve.py .
CMD ["sh", "-c", "exec python3 serve.py --provider \"$PROVIDER\""]
