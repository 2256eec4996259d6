FROM --platform=$BUILDPLATFORM node:22-slim AS deps
ARG TARGETARCH
WORKDIR /app
COPY package.json package-lock.json ./
RUN case "$TARGETARCH" in amd64) cpu=x64 ;; *) cpu="$TARGETARCH" ;; esac; \
    npm ci --omit=dev --ignore-scripts --os=linux --cpu="$cpu" --libc=glibc

FROM node:22-slim
WORKDIR /app
COPY --from=deps /app/node_modules node_modules
COPY package.json ./
COPY dist dist
CMD ["node", "dist/main.js"]
