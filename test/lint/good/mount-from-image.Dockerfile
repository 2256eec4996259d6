# syntax=docker/dockerfile:1
FROM debian:bookworm-slim
RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:0.4,source=/uv,target=/bin/uv \
    --mount=type=cache,target=/root/.cache/uv \
    uv python install 3.12 && uv tool install ruff
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=tmpfs,target=/tmp/work \
    --mount=type=ssh \
    echo done
ENV PATH=/root/.local/bin:$PATH
CMD ["ruff", "--version"]
