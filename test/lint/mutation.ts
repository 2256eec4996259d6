/** Small Dockerfiles as people write them, and what becomes of them when pieces are dropped, doubled, exchanged or changed. */
import { oneOf, type Random } from "../random.ts";

const originals: readonly string[] = [
  `# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.23 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod,id=go-$TARGETARCH go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=\${TARGETARCH} go build -o /out/app ./cmd/app
FROM gcr.io/distroless/static
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
`,
  `ARG NODE=20
FROM node:\${NODE}-alpine AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci --omit=dev && npm cache clean --force
FROM node:\${NODE}-alpine
ENV NODE_ENV=production PORT="8080"
COPY --from=deps --chown=node:node /app/node_modules ./node_modules
COPY . .
HEALTHCHECK --interval=30s CMD wget -qO- http://localhost:$PORT/ || exit 1
USER node
CMD ["node", "server.js"]
`,
  `FROM debian:12
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ARG VERSION=1.2.3
RUN set -eux; \\
    arch="$(dpkg --print-architecture)"; \\
    # the vendor's words
    case "\${arch##*-}" in \\
      amd64) url='https://example.org/tool_x86_64.tar.gz' ;; \\
      arm64) url='https://example.org/tool_aarch64.tar.gz' ;; \\
      *) echo >&2 "error: $arch"; exit 1 ;; \\
    esac; \\
    if [ -n "$url" ]; then wget -O /tmp/tool "$url" | tee log; elif ! true; then :; else exit 2; fi; \\
    for f in a b c; do echo "$f" >> /list; done; \\
    rm -rf /var/lib/apt/lists/*
`,
  `FROM alpine:3.20 AS base
ONBUILD ARG TARGETARCH=amd64
ONBUILD RUN echo $TARGETARCH
FROM --platform=linux/arm64 base AS next
RUN <<EOF
#!/bin/sh
f() { local x=$(uname -m | sed s/x86_64/amd64/); echo "\${x:-none}"; }
while read -r line; do f "$line"; done < /etc/passwd
wget -q "https://example.org/\${TARGETARCH}/$(f)"
EOF
COPY <<-"FILE" /etc/\${NAME:-conf}
	arch = $TARGETARCH
	FILE
RUN --mount=from=base,source=/bin,target=/b ["sh", "-c", "echo $TARGETPLATFORM"]
`,
  `# escape=\`
FROM rust:1 AS build
ENV CARGO_BUILD_TARGET x86_64-unknown-linux-musl
RUN rustup target add \${CARGO_BUILD_TARGET} && \`
    cargo build --release --target=\${CARGO_BUILD_TARGET//-/_}
# transship: ignore R7 because the archive holds both
ADD --checksum=sha256:abc https://example.org/\${TARGETARCH}.tgz /opt/
FROM scratch
COPY --from=0 /target/release/app /app
LABEL a=b "c d"='e f'
EXPOSE 80/tcp
STOPSIGNAL SIGTERM
VOLUME ["/data"]
`,
];

/** What means something to a parser. */
const pieces: readonly string[] = [
  ..."\\ ` $ \" ' ( ) { } [ ] < > | & ; # = : , / * ? ! ~".split(" "),
  ..."${ $( $(( )) && || ;; << <<- <<EOF <<< >& 2>&1 -- :- :+ ## %% //".split(" "),
  ..."if then elif else fi case esac in for while until do done function [[ ]]".split(" "),
  ..."FROM RUN COPY ADD ARG ENV ONBUILD SHELL --platform= --from= --mount= AS scratch".split(" "),
  ..."$TARGETARCH ${TARGETARCH:-amd64} $BUILDPLATFORM x86_64 aarch64 R1 because".split(" "),
  " ",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\0",
  "\nEOF\n",
  "\uFEFF",
  "\uF8FF",
  "\u{1F600}",
];

/** One of the originals after some changes. */
export function mutated(random: Random): string {
  let text = oneOf(originals, random);
  const changes = 1 + Math.floor(random() * 8);
  for (let change = 0; change < changes; change += 1) text = changed(text, random);
  return text;
}

function changed(text: string, random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  // Mostly some characters, now and then some lines.
  const end = at + 1 + Math.floor(random() ** 3 * 60);
  const [before, own, behind] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (Math.floor(random() * 6)) {
    case 0:
      return before + behind;
    case 1:
      return before + own.repeat(2 + Math.floor(random() ** 4 * 30)) + behind;
    case 2:
      return before + oneOf(pieces, random) + own + behind;
    case 3:
      return before + flipped(own, random) + behind;
    case 4:
      return before + stretchOf(oneOf(originals, random), random) + behind;
    default:
      return linesExchanged(text, random);
  }
}

/** One bit of its first character. */
function flipped(text: string, random: Random): string {
  if (text === "") return text;
  return String.fromCharCode(text.charCodeAt(0) ^ (1 << Math.floor(random() * 8))) + text.slice(1);
}

function stretchOf(text: string, random: Random): string {
  const start = Math.floor(random() * text.length);
  return text.slice(start, start + Math.floor(random() * 120));
}

function linesExchanged(text: string, random: Random): string {
  const lines = text.split("\n");
  const one = Math.floor(random() * lines.length);
  const other = Math.floor(random() * lines.length);
  return lines
    .map((line, at) => (at === one ? lines[other] : at === other ? lines[one] : line))
    .join("\n");
}
