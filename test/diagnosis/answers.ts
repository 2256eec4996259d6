/** Builds that fail by what a registry or another server answers; HOST stands for it. */
import { type Case, scratch } from "./case.ts";

/** What a server answers to whoever wants an image or a file of it. */
export const answers: readonly (Case & {
  readonly status: number;
  readonly headers?: Record<string, string>;
})[] = [
  {
    code: "BASE_IMAGE_MISSING",
    status: 404,
    exitCode: 1,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker buildx imagetools inspect HOST\/team\/base:1/,
  },
  {
    code: "BASE_IMAGE_DENIED",
    status: 401,
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_IMAGE_DENIED",
    status: 403,
    exitCode: 4,
    dockerfile: scratch("COPY --from=HOST/team/base:1 /file /"),
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_IMAGE_DENIED",
    status: 401,
    headers: {
      "www-authenticate": `Bearer realm="http://HOST/token",service="memory",scope="repository:team/base:pull",error="insufficient_scope"`,
    },
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_RATE_LIMITED",
    status: 429,
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_IMAGE_UNAVAILABLE",
    status: 500,
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker buildx imagetools inspect HOST\/team\/base:1/,
  },
  {
    code: "SYNTAX_UNAVAILABLE",
    status: 404,
    exitCode: 4,
    dockerfile: `# syntax=HOST/docker/dockerfile:1\n${scratch("COPY Dockerfile /")}`,
    marked: "HOST/docker/dockerfile:1",
    hint: /transship build --build-arg BUILDKIT_SYNTAX=IMAGE/,
  },
  {
    code: "ADD_UNAVAILABLE",
    status: 404,
    exitCode: 1,
    dockerfile: scratch("ADD http://HOST/file /"),
    marked: "http://HOST/file",
    hint: /curl -fsSLI http:\/\/HOST\/file/,
  },
  {
    code: "ADD_CHECKSUM_DIFFERS",
    status: 200,
    exitCode: 1,
    dockerfile: scratch(`ADD --checksum=sha256:${"1".repeat(64)} http://HOST/file /`),
    marked: "http://HOST/file",
    hint: /curl -fsSL http:\/\/HOST\/file \| sha256sum/,
  },
];
