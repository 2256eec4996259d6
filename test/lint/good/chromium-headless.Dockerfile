FROM alpine:3.20
RUN apk add --no-cache chromium nss freetype harfbuzz ca-certificates ttf-freefont nodejs npm
ENV PUPPETEER_SKIP_DOWNLOAD=true \
    PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium-browser
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY index.js ./
RUN adduser -D pptr && mkdir -p /home/pptr/Downloads && chown -R pptr:pptr /home/pptr /app
USER pptr
CMD ["node", "index.js"]
