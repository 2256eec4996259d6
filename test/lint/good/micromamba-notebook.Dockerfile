FROM ubuntu:24.04
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV CONDA_DIR=/opt/conda
RUN apt-get update --yes && apt-get install --yes --no-install-recommends bzip2 ca-certificates wget && rm -rf /var/lib/apt/lists/*
RUN set -x && \
    arch=$(uname -m) && \
    if [ "${arch}" = "x86_64" ]; then \
        arch="64"; \
    fi && \
    wget --progress=dot:giga -O - \
        "https://micro.mamba.pm/api/micromamba/linux-${arch}/latest" | tar -xvj -C /tmp --strip-components=1 'bin/micromamba' && \
    PYTHON_SPECIFIER="python=3.12" && \
    if [[ "${PYTHON_SPECIFIER}" == "default" ]]; then PYTHON_SPECIFIER='python'; fi && \
    /tmp/micromamba install --root-prefix="${CONDA_DIR}" --prefix="${CONDA_DIR}" --yes "${PYTHON_SPECIFIER}" jupyterlab && \
    rm /tmp/micromamba
CMD ["/opt/conda/bin/jupyter", "lab"]
