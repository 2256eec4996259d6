# syntax=docker/dockerfile:1
FROM python:3.12-slim AS base
ENV PYTHONUNBUFFERED=1
WORKDIR /code
COPY requirements ./requirements
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements/base.txt

FROM base AS dev
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements/dev.txt
COPY . /code
CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]

FROM base AS worker
COPY . /code
CMD ["celery", "-A", "project", "worker"]

FROM base AS prod
COPY . /code
RUN python manage.py collectstatic --noinput
CMD ["uvicorn", "project.asgi:application", "--host", "0.0.0.0"]
