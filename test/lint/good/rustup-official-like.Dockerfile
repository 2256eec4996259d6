FROM buildpack-deps:bookworm
ENV RUSTUP_HOME=/usr/local/rustup \
    CARGO_HOME=/usr/local/cargo \
    PATH=/usr/local/cargo/bin:$PATH \
    RUST_VERSION=1.81.0
RUN set -eux; \
    dpkgArch="$(dpkg --print-architecture)"; \
    case "${dpkgArch##*-}" in \
        amd64) rustArch='x86_64-unknown-linux-gnu'; rustupSha256='69502ae583d7cc7868f7345f5bb61c1893c7adf77f13c13e7678616e4cf6f1f8' ;; \
        armhf) rustArch='armv7-unknown-linux-gnueabihf'; rustupSha256='522f6911ccdd6ecb7b287572343127f2edf3d032f03d9fa1515ebc2ffaac958e' ;; \
        arm64) rustArch='aarch64-unknown-linux-gnu'; rustupSha256='cd4b7bba6b0f656ada774ba2280e0d1286a88848b84eecd6fae09e864a272f91' ;; \
        i386) rustArch='i686-unknown-linux-gnu'; rustupSha256='7324593578cf9a2edbbe4b0dbd37aa3f3a68534505a2280cae5b0126c6e2746c' ;; \
        *) echo >&2 "unsupported architecture: ${dpkgArch}"; exit 1 ;; \
    esac; \
    url="https://static.rust-lang.org/rustup/archive/1.27.1/${rustArch}/rustup-init"; \
    wget "$url"; \
    echo "${rustupSha256} *rustup-init" | sha256sum -c -; \
    chmod +x rustup-init; \
    ./rustup-init -y --no-modify-path --profile minimal --default-toolchain $RUST_VERSION --default-host ${rustArch}; \
    rm rustup-init; \
    chmod -R a+w $RUSTUP_HOME $CARGO_HOME; \
    rustup --version
