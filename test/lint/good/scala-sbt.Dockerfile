FROM --platform=$BUILDPLATFORM eclipse-temurin:17-jdk AS build
ARG SBT_VERSION=1.10.2
RUN curl -fsSL "https://github.com/sbt/sbt/releases/download/v${SBT_VERSION}/sbt-${SBT_VERSION}.tgz" | tar xz -C /usr/local --strip-components=1
# scala-cli is a native program; it formats the sources here.
RUN arch="$(uname -m)"; \
    curl -fL "https://github.com/VirtusLab/scala-cli/releases/latest/download/scala-cli-${arch}-pc-linux.gz" | gzip -d > /usr/local/bin/scala-cli && \
    chmod +x /usr/local/bin/scala-cli
WORKDIR /src
COPY build.sbt ./
COPY project project
COPY src src
RUN scala-cli fmt --check src && sbt assembly

FROM eclipse-temurin:17-jre
COPY --from=build /src/target/scala-3.5.1/app.jar /app.jar
CMD ["java", "-jar", "/app.jar"]
