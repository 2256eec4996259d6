FROM postgres:16-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential postgresql-server-dev-16 git ca-certificates
RUN git clone --depth 1 --branch v0.7.4 https://github.com/pgvector/pgvector.git /tmp/pgvector
RUN cd /tmp/pgvector && make OPTFLAGS="" && make install DESTDIR=/dest

FROM postgres:16-bookworm
COPY --from=build /dest/usr /usr
COPY init.sql /docker-entrypoint-initdb.d/
