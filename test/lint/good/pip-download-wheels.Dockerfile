FROM --platform=$BUILDPLATFORM python:3.12-slim AS wheels
ARG TARGETARCH
COPY requirements.txt .
RUN case "$TARGETARCH" in \
      amd64) tag=manylinux2014_x86_64 ;; \
      arm64) tag=manylinux2014_aarch64 ;; \
    esac && \
    pip download --only-binary=:all: --platform "$tag" --python-version 3.12 -d /wheels -r requirements.txt

FROM python:3.12-slim
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels pip install --no-index --find-links=/wheels /wheels/*
COPY bot.py /bot.py
CMD ["python", "/bot.py"]
