# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM alpine:3.20 AS build
ENV PATH /usr/local/go/bin:$PATH
ENV GOLANG_VERSION 1.23.2
RUN set -eux; \
	now="$(date '+%s')"; \
	apk add --no-cache --virtual .fetch-deps ca-certificates gnupg tar; \
	arch="$(apk --print-arch)"; \
	url=; \
	case "$arch" in \
		'x86_64') \
			url='https://dl.google.com/go/go1.23.2.linux-amd64.tar.gz'; \
			sha256='f05310cf0e7548eb839de9b1e65e64629969973a9d0a00b6fd3854d0eb1d7e32'; \
			;; \
		'armhf') \
			url='https://dl.google.com/go/go1.23.2.linux-armv6l.tar.gz'; \
			sha256='a8ee09ee279b04f68d390ef9eac944a5e67aa1269ab5652c7e778b7b36271d88'; \
			;; \
		'armv7') \
			url='https://dl.google.com/go/go1.23.2.linux-armv6l.tar.gz'; \
			sha256='4d538fdcbd5067dbd96fc7be9ff93410180d3ad50ed380f5fde4a123ff69e2f9'; \
			;; \
		'aarch64') \
			url='https://dl.google.com/go/go1.23.2.linux-arm64.tar.gz'; \
			sha256='3cfd16801c87a2da87d5162d48c3987ee77b022ca60cfb90feabde45b18b5283'; \
			;; \
		*) echo >&2 "error: unsupported architecture '$arch' (likely packaging update needed)"; exit 1 ;; \
	esac; \
	wget -O go.tgz.asc "$url.asc"; \
	wget -O go.tgz "$url"; \
	echo "$sha256 *go.tgz" | sha256sum -c -; \
	tar -C /usr/local -xzf go.tgz; \
	rm go.tgz go.tgz.asc; \
	SOURCE_DATE_EPOCH="$(stat -c '%Y' /usr/local/go)"; \
	export SOURCE_DATE_EPOCH; \
	if [ "$arch" = 'armv7' ]; then \
		[ -s /usr/local/go/go.env ]; \
		before="$(go env GOARM)"; [ "$before" != '7' ]; \
		{ \
			echo; \
			echo '# https://github.com/docker-library/golang/issues/494'; \
			echo 'GOARM=7'; \
		} >> /usr/local/go/go.env; \
		after="$(go env GOARM)"; [ "$after" = '7' ]; \
	fi; \
	apk del --no-network .fetch-deps; \
	go version

FROM alpine:3.20
RUN apk add --no-cache ca-certificates
ENV GOTOOLCHAIN=local GOPATH=/go
ENV PATH $GOPATH/bin:/usr/local/go/bin:$PATH
COPY --from=build --link /usr/local/go/ /usr/local/go/
RUN mkdir -p "$GOPATH/src" "$GOPATH/bin" && chmod -R 1777 "$GOPATH"
WORKDIR $GOPATH
