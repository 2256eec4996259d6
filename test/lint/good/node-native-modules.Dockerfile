FROM node:20-alpine AS build
RUN apk add --no-cache python3 make g++ vips-dev
WORKDIR /srv
COPY package.json yarn.lock ./
RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install --frozen-lockfile --production

FROM node:20-alpine
RUN apk add --no-cache vips tini
WORKDIR /srv
COPY --from=build /srv/node_modules node_modules
COPY lib lib
COPY server.js .
ENTRYPOINT ["/sbin/tini", "--"]
CMD ["node", "server.js"]
