FROM --platform=$BUILDPLATFORM composer:2 AS vendor
WORKDIR /app
COPY composer.* ./
RUN --mount=type=cache,target=/tmp/cache composer install --no-dev --ignore-platform-reqs --no-interaction

FROM --platform=$BUILDPLATFORM node:20 AS assets
WORKDIR /app
COPY package.json package-lock.json webpack.mix.js ./
COPY resources resources
RUN npm ci && npm run production

FROM php:8.3-apache
RUN a2enmod rewrite && docker-php-ext-install mysqli
COPY --from=vendor /app/vendor /var/www/html/vendor
COPY --from=assets /app/public /var/www/html/public
COPY src /var/www/html/src
