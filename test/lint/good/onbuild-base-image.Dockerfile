FROM python:3.12-slim
WORKDIR /usr/src/app
ONBUILD ARG TARGETARCH
ONBUILD COPY requirements.txt /usr/src/app/
ONBUILD RUN pip install --no-cache-dir -r requirements.txt
ONBUILD RUN echo "$TARGETARCH" > /etc/architecture
ONBUILD COPY app /usr/src/app/app
CMD ["python", "-m", "app"]
