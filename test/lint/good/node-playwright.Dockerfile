FROM node:22-bookworm
WORKDIR /e2e
COPY package*.json ./
RUN npm ci
# Chrome is offered for amd64 only; elsewhere it is Debian's Chromium.
RUN set -eux; \
    arch="$(dpkg --print-architecture)"; \
    apt-get update; \
    if [ "$arch" = "amd64" ]; then \
      wget -q https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb; \
      apt-get install -y ./google-chrome-stable_current_amd64.deb; \
      rm google-chrome-stable_current_amd64.deb; \
    else \
      apt-get install -y chromium; \
    fi; \
    rm -rf /var/lib/apt/lists/*
COPY tests ./tests
CMD ["npx", "playwright", "test"]
