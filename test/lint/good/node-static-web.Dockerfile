FROM --platform=$BUILDPLATFORM node:22-alpine AS web
WORKDIR /web
COPY package.json package-lock.json ./
RUN npm ci
COPY public ./public
COPY src ./src
COPY vite.config.ts tsconfig.json index.html ./
ARG PUBLIC_URL=/
RUN npm run build -- --base "${PUBLIC_URL}"

FROM nginx:1.27-alpine
COPY nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=web /web/dist /usr/share/nginx/html
