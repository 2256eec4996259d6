FROM --platform=$BUILDPLATFORM python:3.12-slim AS docs
WORKDIR /docs
COPY docs/requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY docs .
RUN sphinx-build -b html . /html

FROM nginx:1.27-alpine-slim
COPY --from=docs /html /usr/share/nginx/html
