# Its tools exist for amd64 only, and what they make is the same everywhere.
FROM --platform=linux/amd64 node:14 AS legacy-assets
WORKDIR /app
COPY gulpfile.js package.json package-lock.json ./
COPY assets assets
RUN npm ci && npx gulp build

FROM httpd:2.4
COPY --from=legacy-assets /app/dist /usr/local/apache2/htdocs
