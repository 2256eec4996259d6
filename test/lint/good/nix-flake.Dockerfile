FROM nixos/nix:2.24.9 AS build
WORKDIR /tmp/build
COPY flake.nix flake.lock ./
COPY src src
RUN nix --extra-experimental-features "nix-command flakes" --option filter-syscalls false build
RUN mkdir /tmp/nix-store-closure && cp -R $(nix-store -qR result/) /tmp/nix-store-closure

FROM scratch
WORKDIR /app
COPY --from=build /tmp/nix-store-closure /nix/store
COPY --from=build /tmp/build/result /app
CMD ["/app/bin/app"]
