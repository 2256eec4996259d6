FROM ghcr.io/graalvm/native-image-community:21 AS native
WORKDIR /code
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY src src
RUN ./mvnw -Pnative native:compile -DskipTests

FROM gcr.io/distroless/base-debian12
COPY --from=native /code/target/app /app
ENTRYPOINT ["/app"]
