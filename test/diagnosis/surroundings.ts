/** Builds that fail before a program runs: by the Dockerfile, or by what they were given. */
import { type Case, debian, scratch } from "./case.ts";

export const surroundings: readonly Case[] = [
  {
    code: "SECRET_MISSING",
    exitCode: 2,
    dockerfile: debian("RUN --mount=type=secret,id=npmrc,required=true true"),
    marked: "npmrc",
    hint: /transship build --secret id=npmrc,src=FILE/,
  },
  {
    code: "SSH_AGENT_MISSING",
    exitCode: 2,
    dockerfile: debian("RUN --mount=type=ssh,required=true true"),
    marked: "RUN --mount=type=ssh,required=true true",
    hint: /transship build --ssh default/,
  },
  {
    code: "ENTITLEMENT_REFUSED",
    exitCode: 2,
    dockerfile: debian("RUN --security=insecure true"),
    marked: "--security=insecure",
    hint: /transship build -- --allow security\.insecure/,
  },
  {
    code: "ENTITLEMENT_REFUSED",
    exitCode: 2,
    dockerfile: debian("RUN --security=insecure true"),
    passthrough: ["--allow", "security.insecure"],
    marked: "--security=insecure",
    hint: /docker buildx create --name NAME --buildkitd-flags/,
  },
  {
    code: "BUILD_FILE_MISSING",
    exitCode: 1,
    dockerfile: scratch("COPY nothing /"),
    marked: "nothing",
    hint: /transship build --context DIR/,
  },
  {
    code: "NAMED_CONTEXT_MISSING",
    exitCode: 2,
    dockerfile: scratch("COPY --from=library file /"),
    flags: ["--build-context", "library=/nowhere/at/all"],
    marked: "library",
    hint: /transship build --build-context library=DIR/,
  },
  {
    code: "NAMED_CONTEXT_MISSING",
    exitCode: 2,
    dockerfile: "FROM library",
    flags: ["--build-context", "library=oci-layout:///nowhere/at/all"],
    marked: "library",
    hint: /transship build --build-context library=DIR/,
  },
  {
    code: "BUILD_TARGET_UNKNOWN",
    exitCode: 2,
    dockerfile: debian(),
    flags: ["--target", "nowhere"],
    hint: /transship build --target NAME/,
  },
  {
    code: "DOCKERFILE_INVALID",
    exitCode: 1,
    dockerfile: scratch("COPY a /", "FETCH a b"),
    marked: "FETCH",
    hint: /transship build/,
  },
  {
    code: "DOCKERFILE_INVALID",
    exitCode: 1,
    dockerfile: scratch("COPY --frobnicate=1 a /"),
    marked: "--frobnicate",
    hint: /transship build/,
  },
  {
    // Told before anything is built, so BuildKit shows no line.
    code: "BASE_PLATFORM_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN true"),
    platform: "linux/s390x",
    hint: /docker buildx imagetools inspect/,
  },
  {
    code: "CACHE_EXPORT_FAILED",
    exitCode: 4,
    dockerfile: scratch("COPY Dockerfile /"),
    flags: ["--cache-to", "type=registry,ref=127.0.0.1:1/cache"],
    hint: /docker login REGISTRY/,
  },
];
