FROM ocaml/opam:alpine-3.20-ocaml-5.2 AS build
RUN sudo apk add --no-cache gmp-dev openssl-dev openssl-libs-static
WORKDIR /home/opam/app
COPY --chown=opam app.opam dune-project ./
RUN opam install . --deps-only -y
COPY --chown=opam bin bin
COPY --chown=opam lib lib
RUN opam exec -- dune build --profile=static ./bin/main.exe

FROM scratch
COPY --from=build /home/opam/app/_build/default/bin/main.exe /app
ENTRYPOINT ["/app"]
