FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --target=/app/packages -r requirements.txt

FROM gcr.io/distroless/python3-debian12
COPY --from=build /app/packages /app/packages
COPY main.py /app/
ENV PYTHONPATH=/app/packages
CMD ["/app/main.py"]
