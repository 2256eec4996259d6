FROM composer:2 AS composer

FROM php:8.3-fpm-alpine
COPY --from=composer /usr/bin/composer /usr/bin/composer
RUN apk add --no-cache --virtual .deps $PHPIZE_DEPS icu-dev libzip-dev \
    && docker-php-ext-install -j"$(nproc)" intl zip pdo_mysql opcache \
    && pecl install redis && docker-php-ext-enable redis \
    && apk add --no-cache icu-libs libzip && apk del .deps
WORKDIR /var/www
COPY composer.json composer.lock ./
RUN composer install --no-dev --no-scripts --prefer-dist
COPY app app
COPY public public
EXPOSE 9000
