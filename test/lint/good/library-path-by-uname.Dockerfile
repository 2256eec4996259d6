FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y libpq5 libpq-dev gcc
COPY query.c .
RUN gcc -o /query query.c -I/usr/include/postgresql -lpq
RUN mkdir -p /libs && cp -L /usr/lib/$(uname -m)-linux-gnu/libpq.so.5 /libs/ && \
    cp -L "/usr/lib/$(dpkg-architecture -q DEB_HOST_MULTIARCH)"/libldap-2.5.so.0 /libs/

FROM gcr.io/distroless/cc-debian12
COPY --from=build /query /query
COPY --from=build /libs /usr/local/lib
ENV LD_LIBRARY_PATH=/usr/local/lib
ENTRYPOINT ["/query"]
