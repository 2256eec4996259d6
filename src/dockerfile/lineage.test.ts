import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import {
  handedOn,
  isCarriedOut,
  isSurelyCarriedOut,
  lineageIn,
  type StandingReader,
} from "./lineage.ts";
import { resolveStages } from "./stages.ts";
import { parseDockerfile } from "./syntax.ts";

/** Every stage works in `/work`, and knows the variable OUT alone. */
const standingsOf: StandingReader = (chain) =>
  new Map(
    chain
      .flatMap(({ stage }) => stage.instructions)
      .map((instruction) => [
        instruction,
        {
          directory: "/work",
          textOf: (word) => {
            const text = word.replaceAll("$OUT", "/out");
            return text.includes("$") ? undefined : text;
          },
        },
      ]),
  );

/** The lineage of a file whose first stage compiles, and that stage. */
function lineageOf(lines: string) {
  const platform = parsePlatform("linux/amd64");
  const request = { buildPlatform: platform, targetPlatform: platform };
  const { stages } = resolveStages(parseDockerfile(`FROM golang AS build\n${lines}\n`), request);
  const [first] = stages;
  assert.ok(first);
  return { first, lineage: lineageIn(stages, standingsOf) };
}

const cases: readonly (readonly [lines: string, path: string, expected: boolean])[] = [
  ["FROM scratch\nCOPY --from=build /out/app /app", "/out/app", true],
  ["FROM scratch\nCOPY --from=build /out/app /app", "/out/other", false],
  ["FROM scratch\nCOPY --from=build ./out//app /app", "/out/app", true],
  ["FROM scratch\nCOPY --from=build /out /out", "/out/app", true],
  ["FROM scratch\nCOPY --from=build /out/a* /", "/out/app", true],
  ["FROM scratch\nCOPY --from=build $OUT/app /app", "/out/app", true],
  ["FROM scratch\nCOPY --from=build $OUT/app /app", "/src/app", false],
  ["FROM scratch\nCOPY --from=build $SRC/app /app", "/src/app", true],
  ["FROM scratch\nRUN --mount=from=build,target=/m cp /m/app /", "/out/app", true],
  ["FROM scratch\nRUN --mount=from=build,source=$OUT,target=/m cp /m/app /", "/out/app", true],
  ["FROM scratch\nRUN --mount=from=build,source=/site,target=/m cp /m/x /", "/out/app", false],
  ["FROM build\nRUN make", "/out/app", true],
];
for (const [lines, path, expected] of cases) {
  test(`${JSON.stringify(lines)} ${expected ? "takes" : "does not take"} ${path}`, () => {
    const { first, lineage } = lineageOf(lines);
    assert.equal(isCarriedOut(first, path, lineage), expected);
  });
}

const between: readonly (readonly [to: string, from: string, expected: boolean])[] = [
  ["/pack", "/pack/app", true],
  ["/pack", "/etc", false],
  ["pack", "/work/pack", true],
  ["pack", "/pack", false],
  ["$OUT/pack", "/out/pack", true],
  ["$OUT/pack", "/pack", false],
  // Nobody knows where it is.
  ["$SRC/pack", "/pack", true],
];
for (const [to, from, expected] of between) {
  test(`what a stage between puts in ${to} is ${expected ? "" : "not "}taken by ${from}`, () => {
    const { first, lineage } = lineageOf(
      `FROM alpine AS pack\nCOPY --from=build /out/app ${to}\nFROM scratch\nCOPY --from=pack ${from} /x`,
    );
    assert.equal(isCarriedOut(first, "/out/app", lineage), expected);
  });
}

test("what goes where nobody knows it may be carried out, but not surely", () => {
  const ways = {
    "COPY --from=build /out/app $SRC/pack": [true, false],
    "RUN --mount=from=build,target=/m cp /m/out/app /pack": [true, false],
    "COPY --from=build /out/app /pack": [true, true],
  };
  for (const [way, expected] of Object.entries(ways)) {
    const { first, lineage } = lineageOf(
      `FROM alpine AS pack\n${way}\nFROM scratch\nCOPY --from=pack /pack /x`,
    );
    const found = [isCarriedOut, isSurelyCarriedOut].map((one) => one(first, "/out/app", lineage));
    assert.deepEqual(found, expected, way);
  }
});

test("what is handed on is known up to its first pattern, or part that is not known", () => {
  const { first, lineage } = lineageOf(
    "FROM scratch\nCOPY --from=build $OUT/app /src/*.txt /etc/$NAME/ /\nRUN --mount=from=build true",
  );
  assert.deepEqual(handedOn(first, lineage), ["/out/app", "/src", "/etc", "/"]);
});
