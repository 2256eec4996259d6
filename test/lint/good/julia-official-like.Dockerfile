FROM debian:bookworm-slim
ENV JULIA_PATH=/usr/local/julia
ENV PATH=$JULIA_PATH/bin:$PATH
ENV JULIA_VERSION=1.10.5
RUN set -eux; \
	apt-get update; apt-get install -y --no-install-recommends ca-certificates curl gnupg; \
	arch="$(dpkg --print-architecture)"; \
	case "$arch" in \
		'amd64') \
			url='https://julialang-s3.julialang.org/bin/linux/x64/1.10/julia-1.10.5-linux-x86_64.tar.gz'; \
			sha256='5d5b2e91c6838984a9a6a22c948a1e98694591850c3af9e7a9f533809158c351'; \
			;; \
		'arm64') \
			url='https://julialang-s3.julialang.org/bin/linux/aarch64/1.10/julia-1.10.5-linux-aarch64.tar.gz'; \
			sha256='8fdc845b08d20b7db39dc82e4d50d0c37d518673bf5385cdb6b727fce063e4ea'; \
			;; \
		*) \
			echo >&2 "error: current architecture ($arch) does not have a corresponding Julia binary release"; \
			exit 1; \
			;; \
	esac; \
	curl -fL -o julia.tar.gz "$url"; \
	echo "$sha256 *julia.tar.gz" | sha256sum --strict --check -; \
	mkdir "$JULIA_PATH"; \
	tar -xzf julia.tar.gz -C "$JULIA_PATH" --strip-components 1; \
	rm julia.tar.gz; \
	julia --version
CMD ["julia"]
