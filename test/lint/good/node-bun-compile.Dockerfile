FROM --platform=$BUILDPLATFORM oven/bun:1.1 AS build
ARG TARGETARCH
WORKDIR /app
COPY package.json bun.lockb ./
RUN bun install --frozen-lockfile
COPY src src
RUN case "$TARGETARCH" in amd64) t=bun-linux-x64 ;; arm64) t=bun-linux-arm64 ;; *) exit 2 ;; esac \
 && bun build --compile --minify --target="$t" src/main.ts --outfile /app/dist/cli

FROM gcr.io/distroless/base-debian12
COPY --from=build /app/dist/cli /cli
ENTRYPOINT ["/cli"]
