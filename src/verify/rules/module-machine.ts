/** Native modules that an interpreter picks are for the platform's machine. */
import type { Rule } from "./rule.ts";

export const moduleMachine: Rule = {
  id: "module-machine",
  title: "A native module that the running platform picks is made for another machine",
  what: "Node add-ons (.node), Python extension modules and JNI libraries: those whose path is the one that node, Python or the JVM of this platform would load, where such an interpreter is in the image.",
  why: "It loads when it is first required: `invalid ELF header`, `cannot open shared object file`, `Exec format error`.",
  example: "COPY . .   (with the host's node_modules)",
  fix: "Keep node_modules, venv and target out by .dockerignore, and install them in the image.",
};
