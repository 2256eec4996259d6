FROM oraclelinux:9-slim
RUN set -e; \
    case "$(uname -m)" in \
      x86_64|amd64) zip=instantclient-basiclite-linux.x64-23.5.0.24.07.zip ;; \
      aarch64|arm64) zip=instantclient-basiclite-linux.arm64-23.5.0.24.07.zip ;; \
      *) echo "no client for $(uname -m)" >&2; exit 1 ;; \
    esac; \
    microdnf install -y unzip libaio && \
    curl -fsSLO "https://download.oracle.com/otn_software/linux/instantclient/2350000/$zip" && \
    unzip -q "$zip" -d /opt && rm "$zip" && microdnf clean all
CMD ["bash"]
