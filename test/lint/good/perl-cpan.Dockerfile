# platforms: linux/amd64, linux/arm64, linux/arm/v7
FROM perl:5.40-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make libssl-dev zlib1g-dev
WORKDIR /app
COPY cpanfile cpanfile.snapshot ./
RUN cpanm --notest --installdeps --local-lib /app/local .

FROM perl:5.40-slim
WORKDIR /app
COPY --from=build /app/local local
COPY bin bin
COPY lib lib
ENV PERL5LIB=/app/local/lib/perl5:/app/lib
CMD ["perl", "bin/app.pl"]
