FROM --platform=$BUILDPLATFORM alpine:3.20 AS fetch
RUN apk add --no-cache curl
RUN curl -fsSLo /appliance.tgz https://downloads.example.com/appliance/9.1/appliance.tgz

# transship: ignore R3 because the vendor offers the appliance for amd64 only, and it runs emulated elsewhere
FROM --platform=linux/amd64 debian:bookworm-slim
COPY --from=fetch /appliance.tgz /opt/appliance.tgz
RUN tar xzf /opt/appliance.tgz -C /opt
ENTRYPOINT ["/opt/appliance/run"]
