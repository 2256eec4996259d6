FROM python:3.11-slim AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    POETRY_VERSION=1.8.3 \
    POETRY_HOME=/opt/poetry \
    POETRY_VIRTUALENVS_IN_PROJECT=true

FROM base AS builder
RUN apt-get update && apt-get install -y curl && curl -sSL https://install.python-poetry.org | python3 -
WORKDIR /srv
COPY poetry.lock pyproject.toml ./
RUN /opt/poetry/bin/poetry install --only main --no-root

FROM base
WORKDIR /srv
COPY --from=builder /srv/.venv ./.venv
COPY service ./service
ENTRYPOINT ["/srv/.venv/bin/python", "-m", "service"]
