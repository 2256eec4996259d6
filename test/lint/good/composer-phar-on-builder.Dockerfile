FROM --platform=$BUILDPLATFORM php:8.3-cli AS vendor
COPY --from=composer:2 /usr/bin/composer /usr/local/bin/composer
RUN apt-get update && apt-get install -y --no-install-recommends git unzip
WORKDIR /app
COPY composer.json composer.lock ./
RUN --mount=type=cache,target=/root/.composer composer install --no-dev --no-scripts --ignore-platform-reqs

FROM php:8.3-fpm
COPY --from=vendor /app/vendor /app/vendor
COPY src /app/src
