ARG BASE=gcr.io/distroless/java21-debian12
FROM --platform=$BUILDPLATFORM eclipse-temurin:21 AS build
WORKDIR /app
COPY gradlew build.gradle settings.gradle ./
COPY gradle gradle
COPY src src
RUN ./gradlew --no-daemon installDist

FROM ${BASE}
COPY --from=build /app/build/install/service/lib /app/lib
CMD ["-cp", "/app/lib/*", "org.example.Main"]
