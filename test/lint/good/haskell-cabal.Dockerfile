FROM haskell:9.8-slim-bullseye AS build
WORKDIR /opt/server
RUN cabal update
COPY server.cabal cabal.project.freeze ./
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/root/.cabal/store,id=cabal-${TARGETPLATFORM} cabal build --only-dependencies -j4
COPY src src
COPY app app
RUN --mount=type=cache,target=/root/.cabal/store,id=cabal-${TARGETPLATFORM} \
    cabal install --install-method=copy --installdir=/out exe:server

FROM debian:bullseye-slim
RUN apt-get update && apt-get install -y libgmp10 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/server /usr/local/bin/server
CMD ["server"]
