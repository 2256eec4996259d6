FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS hugo
ARG BUILDARCH
ARG HUGO_VERSION=0.135.0
ADD https://github.com/gohugoio/hugo/releases/download/v${HUGO_VERSION}/hugo_extended_${HUGO_VERSION}_linux-${BUILDARCH}.deb /tmp/hugo.deb
RUN dpkg -i /tmp/hugo.deb
WORKDIR /site
COPY . .
RUN hugo --minify --destination /public

FROM nginx:alpine
COPY --from=hugo /public /usr/share/nginx/html
