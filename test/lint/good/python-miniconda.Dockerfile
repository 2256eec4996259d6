FROM debian:bookworm-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV LANG=C.UTF-8 LC_ALL=C.UTF-8 PATH=/opt/conda/bin:$PATH
ARG INSTALLER_URL_X86=https://repo.anaconda.com/miniconda/Miniconda3-py312_24.7.1-0-Linux-x86_64.sh
ARG SHA256SUM_X86=2cadc3c4278d9dfb4478fc91b5c26f4dea60f2f803eca344f0fbb0a0b0a9653f
ARG INSTALLER_URL_ARM=https://repo.anaconda.com/miniconda/Miniconda3-py312_24.7.1-0-Linux-aarch64.sh
ARG SHA256SUM_ARM=c91872e867dfa5b77125123d5ebe74711ed98a58f09ed285d098d50da7af92bf
RUN apt-get update -q && apt-get install -q -y --no-install-recommends bzip2 ca-certificates wget && apt-get clean
RUN set -x && \
    UNAME_M="$(uname -m)" && \
    if [ "${UNAME_M}" = "x86_64" ]; then \
        INSTALLER_URL="${INSTALLER_URL_X86}"; SHA256SUM="${SHA256SUM_X86}"; \
    elif [ "${UNAME_M}" = "aarch64" ]; then \
        INSTALLER_URL="${INSTALLER_URL_ARM}"; SHA256SUM="${SHA256SUM_ARM}"; \
    fi && \
    wget "${INSTALLER_URL}" -O miniconda.sh -q && \
    echo "${SHA256SUM} miniconda.sh" > shasum && \
    sha256sum --check --status shasum && \
    bash miniconda.sh -b -p /opt/conda && \
    rm miniconda.sh shasum && \
    find /opt/conda/ -follow -type f -name '*.a' -delete
CMD [ "/bin/bash" ]
