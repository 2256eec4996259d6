FROM --platform=$BUILDPLATFORM ruby:3.3-alpine AS site
RUN apk add --no-cache build-base
WORKDIR /site
COPY Gemfile Gemfile.lock ./
RUN bundle install --jobs 4
COPY . .
RUN bundle exec jekyll build --destination /public

FROM caddy:2-alpine
COPY Caddyfile /etc/caddy/Caddyfile
COPY --from=site /public /srv
