FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:8.0-alpine AS publish
ARG TARGETPLATFORM
WORKDIR /src
COPY . .
RUN case "${TARGETPLATFORM}" in \
      "linux/amd64") RID=linux-musl-x64 ;; \
      "linux/arm64"*) RID=linux-musl-arm64 ;; \
      *) echo "${TARGETPLATFORM} is not supported" && exit 1 ;; \
    esac && \
    dotnet publish Worker.csproj -c Release -r "$RID" --self-contained true -p:PublishSingleFile=true -o /out

FROM mcr.microsoft.com/dotnet/runtime-deps:8.0-alpine
COPY --from=publish /out/Worker /usr/local/bin/worker
ENTRYPOINT ["worker"]
