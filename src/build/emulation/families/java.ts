/** Java, Kotlin, Scala, Clojure: bytecode is the same for every machine. */
import type { Family } from "../treatment.ts";
import { foreign, whole } from "../treatment.ts";

const builders: ReadonlySet<string> = new Set(
  "mvn mvnw gradle gradlew sbt sbtx javac jar kotlinc scalac scala-cli lein ant mill bazel-java".split(
    " ",
  ),
);
const natives: ReadonlySet<string> = new Set(["native-image", "jlink", "jpackage"]);

export const java: Family = ({ name = "", args }, situation) => {
  if (natives.has(name))
    return foreign(`${name} writes a program or a runtime for the machine that it runs on.`);
  if (!builders.has(name)) return undefined;
  if (args.some(({ text }) => /native|jlink|jpackage/i.test(text))) {
    return foreign("It makes a program of its own machine out of the bytecode.");
  }
  const outputs = whole(situation);
  return {
    kind: "neutral",
    why: "Bytecode is the same for every machine.",
    stage: "build",
    caveat:
      "A library with native parts (JNI) must carry those of the target; most carry all of them.",
    ...(outputs && { outputs }),
  };
};
