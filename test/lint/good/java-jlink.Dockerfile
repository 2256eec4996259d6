FROM eclipse-temurin:21 AS jre
RUN $JAVA_HOME/bin/jlink --add-modules java.base,java.logging,java.net.http --strip-debug --no-man-pages --no-header-files --compress=2 --output /jre

FROM --platform=$BUILDPLATFORM eclipse-temurin:21 AS classes
WORKDIR /src
COPY src .
RUN find . -name '*.java' > sources && javac -d /classes @sources && jar --create --file /app.jar -C /classes .

FROM debian:bookworm-slim
COPY --from=jre /jre /opt/jre
COPY --from=classes /app.jar /opt/app.jar
CMD ["/opt/jre/bin/java", "-cp", "/opt/app.jar", "Main"]
