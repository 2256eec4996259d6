# The example's service, ready 0.3 s after its start.
ARG SERVICE
FROM ${SERVICE}
LABEL dev.transship.bench=late
ENTRYPOINT ["/bin/sh", "-c", "sleep 0.3; exec /usr/bin/tini -- /usr/local/bin/hello"]
