FROM --platform=$BUILDPLATFORM denoland/deno:2.0.0 AS build
ARG TARGETARCH
WORKDIR /app
COPY . .
RUN case "$TARGETARCH" in \
      amd64) target=x86_64-unknown-linux-gnu ;; \
      arm64) target=aarch64-unknown-linux-gnu ;; \
    esac; \
    deno compile --allow-net --target "$target" --output /out/bot main.ts

FROM gcr.io/distroless/cc
COPY --from=build /out/bot /bot
ENTRYPOINT ["/bot"]
