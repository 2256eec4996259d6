FROM nixos/nix AS build
ARG TARGETARCH
COPY . /src
WORKDIR /src
RUN system=$(case "$TARGETARCH" in (amd64) echo x86_64-linux;; (arm64) echo aarch64-linux;; esac) && \
    nix-build -A "packages.${system}.default" --option sandbox false -o /out && \
    mkdir /closure && cp -r $(nix-store --query --requisites /out) /closure && ln -s "$(readlink /out)" /current

FROM scratch
COPY --from=build /closure /nix/store
COPY --from=build /current /current
ENTRYPOINT ["/current/bin/indexer"]
