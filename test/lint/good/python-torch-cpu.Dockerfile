FROM python:3.11-slim
ARG TARGETARCH
WORKDIR /model
# The wheels without CUDA stand in an index of their own for amd64; those for arm64 are without it anyway.
RUN --mount=type=cache,target=/root/.cache/pip \
    if [ "$TARGETARCH" = "amd64" ]; then \
      pip install torch==2.4.1 --index-url https://download.pytorch.org/whl/cpu; \
    else \
      pip install torch==2.4.1; \
    fi
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY model.py .
CMD ["python", "model.py"]
